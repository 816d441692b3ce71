using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TodoFlow.Settings;

namespace TodoFlow.Events;

/// <summary>Registers the outbox and its relay.</summary>
public static class EventsSetup
{
    /// <summary>Registers everything of events. Wrong settings stop the start.</summary>
    public static IServiceCollection AddTodoFlowEvents(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<EventsSettings>(configuration);
        services.AddSingleton(new Topics(configuration));
        if (EventsSettings.UseKafka(configuration))
        {
            services.AddSettings<KafkaSettings>(configuration);
            services.AddSingleton<KafkaProducer>();
            services.AddSingleton<OutboxRelay, KafkaRelay>();
        }
        else
        {
            services.AddSingleton<OutboxRelay, PostgresRelay>();
        }

        services.AddSingleton<IInterceptor, OutboxKick>();
        services.AddHostedService(provider => provider.GetRequiredService<OutboxRelay>());
        return services;
    }
}
