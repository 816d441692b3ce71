using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Reminders;

/// <summary>Registers reminders and their queue.</summary>
public static class RemindersSetup
{
    /// <summary>Registers everything of reminders. Wrong settings stop the start.</summary>
    public static IServiceCollection AddTodoFlowReminders(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<ReminderSettings>(configuration);
        services.AddSingleton<ReminderMetrics>();
        services.AddSingleton<ReminderQueue>();
        services.AddHostedService(provider => provider.GetRequiredService<ReminderQueue>());
        services.AddSingleton<ICommitListener, ReminderKick>();
        services.AddScoped<ReminderStore>();
        services.AddSingleton<ReminderList>();
        return services;
    }
}
