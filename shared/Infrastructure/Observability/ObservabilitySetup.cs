using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Observability;

/// <summary>Registers what shows the process from outside: metrics and traces.</summary>
public static class ObservabilitySetup
{
    /// <summary>Registers it. Register it first: what is measured before it started is not seen.</summary>
    public static IServiceCollection AddTodoFlowObservability(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddMetrics();
        services.AddSettings<MetricsSettings>(configuration);
        services.AddSingleton<MetricCollector>();
        services.AddHostedService(provider => provider.GetRequiredService<MetricCollector>());
        services.AddSingleton<MetricsPage>();
        services.AddHostedService<OpenTelemetryExport>();
        return services;
    }
}
