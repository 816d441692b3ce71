using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Notifications.Email;

/// <summary>Registers e-mail.</summary>
public static class EmailSetup
{
    /// <summary>Registers the channel, and mails about accounts, where a server is named. Wrong settings stop the start.</summary>
    public static IServiceCollection AddTodoFlowEmail(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<EmailSettings>(configuration);
        services.AddScoped<AccountMails>();
        if (!string.IsNullOrEmpty(configuration[$"{EmailSettings.Section}:{nameof(EmailSettings.Host)}"]))
        {
            services.AddSingleton<MailLimits>();
            services.TryAddSingleton<MailTokens>();
            services.AddSingleton<SmtpSender>();
            services.AddSingleton<INotificationChannel, EmailChannel>();
            services.AddSingleton<AccountMailQueue>();
            services.AddHostedService(provider => provider.GetRequiredService<AccountMailQueue>());
        }

        return services;
    }
}
