using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Notifications.WebPush;

/// <summary>Registers Web Push.</summary>
public static class WebPushSetup
{
    /// <summary>Registers everything of Web Push. Wrong or half-set keys stop the start; without keys the channel is not offered.</summary>
    public static IServiceCollection AddTodoFlowWebPush(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<WebPushSettings>(configuration);
        services.AddScoped<PushSubscriptions>();
        services.AddSingleton<PushSender>();
        if (!string.IsNullOrEmpty(configuration[$"{WebPushSettings.Section}:{nameof(WebPushSettings.PublicKey)}"]))
        {
            services.AddSingleton<INotificationChannel, WebPushChannel>();
        }

        return services;
    }
}
