using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Functions.Observability;
using TodoFlow.Infrastructure;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Health;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Observability;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Quotas;
using TodoFlow.Infrastructure.Realtime;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Infrastructure.Tasks;
using TodoFlow.Settings;

namespace TodoFlow.Functions;

/// <summary>What both hosts register: the services of the functions and the middleware around every invocation.</summary>
public static class FunctionsSetup
{
    /// <summary>The middleware around every invocation, outermost first. <c>Program.cs</c> names the same types in the same order.</summary>
    public static IReadOnlyList<Type> Middleware { get; } =
    [
        typeof(CorrelationMiddleware),
        typeof(ProblemMiddleware),
        typeof(AuthenticationMiddleware),
        typeof(RateLimitMiddleware),
        typeof(ConcurrencyMiddleware),
    ];

    /// <summary>Registers everything that the functions and the middleware are constructed from.</summary>
    public static IServiceCollection AddTodoFlowFunctions(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.ConfigureHttpJsonOptions(json => TodoFlowJson.Configure(json.SerializerOptions).TypeInfoResolverChain.Insert(0, TodoFlowJson.Default));
        services.AddTodoFlowObservability(configuration);
        services.AddSingleton<MetricsAccess>();
        services.AddTodoFlowPersistence(configuration);
        services.AddTodoFlowMemory(configuration);
        services.AddSettings<QuotaSettings>(configuration);
        services.AddSingleton<UserQuotas>();
        services.AddTodoFlowHealth();
        services.AddTodoFlowEvents(configuration);
        services.AddTodoFlowReminders(configuration);
        services.AddTodoFlowAccounts(configuration);
        services.AddTodoFlowNotifications(configuration);
        services.AddTodoFlowRealtime(configuration);
        services.AddSettings<RateLimitSettings>(configuration);
        services.AddSettings<ConcurrencySettings>(configuration);
        services.AddSingleton<ServedRoutes>();
        services.AddScoped<IdempotentRequests>();
        services.AddScoped<TaskStore>();
        services.AddSingleton<TaskList>();
        services.AddSingleton<TaskSearch>();
        return services;
    }
}
