using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Notifications.Email;
using TodoFlow.Infrastructure.Notifications.WebPush;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure;

/// <summary>Registers notifications and their channels.</summary>
public static class NotificationsSetup
{
    /// <summary>Registers everything of notifications. Wrong settings stop the start; a channel without settings is left out.</summary>
    public static IServiceCollection AddTodoFlowNotifications(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<NotificationSettings>(configuration);
        services.AddSingleton<ConfiguredChannels>();
        services.AddTodoFlowEmail(configuration);
        services.AddTodoFlowWebPush(configuration);
        services.AddSingleton<NotificationMetrics>();
        services.AddScoped<NotificationList>();
        services.AddScoped<PreferenceStore>();
        services.AddSingleton<RememberedTaskPreferences>();
        services.AddScoped<TaskPreferences>();
        services.AddSingleton<ReminderTrace>();
        services.AddEventHandler<ReminderNotifier>();
        services.AddSingleton<DeliveryQueues>();
        services.AddHostedService(provider => provider.GetRequiredService<DeliveryQueues>());
        return services;
    }
}
