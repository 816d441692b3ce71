using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Realtime;

/// <summary>Registers what devices are told, and where they connect.</summary>
public static class RealtimeSetup
{
    /// <summary>Registers everything but a hub of the host's own. Wrong settings stop the start.</summary>
    /// <exception cref="OptionsValidationException">The connection string of Azure SignalR Service is wrong.</exception>
    public static IServiceCollection AddTodoFlowRealtime(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<RealtimeSettings>(configuration);
        services.AddSingleton<RealtimeMessages>();
        if (configuration[AzureSignalR.Setting] is { Length: > 0 } connectionString)
        {
            services.AddSingleton(AzureSignalRConnection.Parse(connectionString));
            services.AddSingleton<AzureSignalR>();
            services.AddSingleton<ISessionListener, AzureSignalRConnections>();
            services.AddSingleton<IRealtimeEndpoint>(provider => provider.GetRequiredService<AzureSignalR>());
        }

        return services;
    }

    /// <summary>Sends devices to the host's own hub. Without a key for its tokens the host does not start.</summary>
    public static IServiceCollection AddOwnHub(this IServiceCollection services)
    {
        services.TryAddSingleton<HubTokens>();
        services.TryAddSingleton<IRealtimeEndpoint, OwnHub>();
        return services.AddSingleton<IValidateOptions<RealtimeSettings>, HubKeyRequired>();
    }
}
