using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TodoFlow.Infrastructure.Health;

/// <summary>Registers what says how this instance is.</summary>
public static class HealthSetup
{
    // Probes wait five seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Registers readiness, with the checks of the database.</summary>
    public static IServiceCollection AddTodoFlowHealth(this IServiceCollection services)
    {
        services.AddSingleton<Readiness>();
        services.AddPartHealth<DatabaseHealth>("postgresql");
        services.AddPartHealth<SchemaHealth>("migrations");
        return services;
    }

    /// <summary>Registers the check of a part; one that does not answer within three seconds is unhealthy.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">What the part is called in <see cref="HealthResponse.Parts"/>.</param>
    public static void AddPartHealth<T>(this IServiceCollection services, string name)
        where T : class, IHealthCheck
    {
        services.AddSingleton<T>();
        services.AddHealthChecks().Add(new HealthCheckRegistration(name, provider => provider.GetRequiredService<T>(), HealthStatus.Unhealthy, tags: null, Patience));
    }
}
