using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>Registers the export of an account, the import of files, and the feed for calendar programs.</summary>
public static class TransferSetup
{
    /// <summary>Registers everything of it. Wrong settings stop the start.</summary>
    public static IServiceCollection AddTodoFlowTransfer(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<ImportSettings>(configuration);
        services.AddSingleton<ExportedTasks>();
        services.AddSingleton<ExportedHistories>();
        services.AddScoped<AccountExport>();
        services.AddScoped<ImportReader>();
        services.AddScoped<TaskImport>();
        services.AddScoped<CalendarFeed>();
        return services;
    }
}
