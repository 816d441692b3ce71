using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using TodoFlow.Functions.Assistant;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Functions.Observability;
using TodoFlow.Functions.Sync;
using TodoFlow.Functions.Web;
using TodoFlow.Infrastructure;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Chat;
using TodoFlow.Infrastructure.Health;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Observability;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Quotas;
using TodoFlow.Infrastructure.Realtime;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Infrastructure.Retention;
using TodoFlow.Infrastructure.Sync;
using TodoFlow.Infrastructure.Tasks;
using TodoFlow.Infrastructure.Transfer;
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
        RequireScopes(typeof(FunctionsSetup).Assembly.GetTypes());
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
        services.AddTodoFlowSync(configuration);
        services.AddTodoFlowTransfer(configuration);
        services.AddScoped<CommandActions>();
        services.AddScoped<CommandRunner>();
        services.AddSettings<RateLimitSettings>(configuration);
        services.AddSettings<ConcurrencySettings>(configuration);
        services.AddSingleton<RecentUsers>();
        services.AddSingleton<SearchTurns>();
        services.AddSingleton<ServedRoutes>();
        services.AddScoped<IdempotentRequests>();
        services.AddSingleton<SessionCookies>();
        services.AddSettings<WebSettings>(configuration);
        services.AddSingleton<WebFiles>();
        services.AddScoped<TaskStore>();
        services.AddScoped<QuickTasks>();
        services.AddSettings<TrashSettings>(configuration);
        services.AddScoped<TaskTrash>();
        services.AddSingleton<IPruned, TrashPruning>();
        services.AddSingleton<TrashList>();
        services.AddSingleton<TaskList>();
        services.AddSingleton<TaskSearch>();
        services.AddAssistantTools();
        services.AddTodoFlowChat(configuration);
        return services;
    }

    /// <summary>Refuses to start with an HTTP function that says neither which scope it needs nor that it needs no token.</summary>
    /// <exception cref="InvalidOperationException">There is one; the message names it.</exception>
    public static void RequireScopes(IEnumerable<Type> types)
    {
        foreach (var method in types.SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)))
        {
            if (method.GetCustomAttribute<FunctionAttribute>() is { } function
                && method.GetParameters().Any(parameter => parameter.IsDefined(typeof(HttpTriggerAttribute), false))
                && method.IsDefined(typeof(AllowAnonymousAttribute), false) == method.IsDefined(typeof(RequiresScopeAttribute), false))
            {
                throw new InvalidOperationException($"The function {function.Name} needs either [RequiresScope] or [AllowAnonymous].");
            }
        }
    }
}
