using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Notifications.Email;

/// <summary>Registers e-mail.</summary>
public static class EmailSetup
{
    /// <summary>Registers the channel where a server is named. Wrong settings stop the start.</summary>
    public static IServiceCollection AddTodoFlowEmail(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<EmailSettings>(configuration);
        if (!string.IsNullOrEmpty(configuration[$"{EmailSettings.Section}:{nameof(EmailSettings.Host)}"]))
        {
            services.AddSingleton<INotificationChannel, EmailChannel>();
        }

        return services;
    }
}
