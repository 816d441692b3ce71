using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TodoFlow.Infrastructure.Retention;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Sync;

/// <summary>Registers what devices sync with.</summary>
public static class SyncSetup
{
    /// <summary>Registers everything of it. Wrong settings stop the start.</summary>
    public static IServiceCollection AddTodoFlowSync(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<SyncSettings>(configuration);
        services.AddSingleton<SyncEpochs>();
        services.AddScoped<ChangeFeed>();
        services.AddScoped<CommandLog>();
        services.AddSingleton<IPruned, SyncPruning>();
        return services;
    }
}
