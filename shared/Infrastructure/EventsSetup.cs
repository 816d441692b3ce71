using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TodoFlow.Infrastructure.Audit;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Infrastructure.Health;
using TodoFlow.Infrastructure.Observability;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Recurrence;
using TodoFlow.Infrastructure.Retention;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Kafka;
using TodoFlow.Messaging.Outbox;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure;

/// <summary>Registers the outbox and its relay, and what consumers stand on.</summary>
public static class EventsSetup
{
    /// <summary>Registers everything of events. Wrong settings stop the start.</summary>
    public static IServiceCollection AddTodoFlowEvents(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddMetrics();
        services.AddSettings<EventsSettings>(configuration);
        services.AddSingleton(new Topics(configuration));
        if (EventsSettings.UseKafka(configuration))
        {
            services.AddSettings<KafkaSettings>(configuration);
            services.AddSingleton<BrokerErrors>();
            services.AddSingleton<KafkaProducer>();
            services.AddSingleton<OutboxRelay, KafkaRelay>();
            services.AddSingleton(provider => KafkaHealth.Admin(
                provider.GetRequiredService<IOptions<KafkaSettings>>().Value, provider.GetRequiredService<BrokerErrors>()));
            services.AddPartHealth<KafkaHealth>("kafka");
        }
        else
        {
            services.AddSingleton<OutboxRelay, PostgresRelay>();
        }

        services.AddSingleton<AsynchronousCommit>();
        services.AddSingleton<EventMetrics>();
        services.AddPartHealth<OutboxBacklog>("outbox");
        services.AddSingleton<ICommitListener, OutboxKick>();
        services.AddSettings<HistorySettings>(configuration);
        services.AddSingleton<History>();
        services.AddSingleton<IPruned>(provider => provider.GetRequiredService<History>());
        services.AddSingleton<DeadLetters>();
        services.AddSingleton<Inbox>();
        services.AddEventHandler<AuditTrail>();
        services.AddSingleton<OccurrenceIds>();
        services.AddEventHandler<NextOccurrence>();
        services.AddHostedService(provider => provider.GetRequiredService<OutboxRelay>());
        if (TelemetryExports.Read(configuration).AnyMetrics)
        {
            services.AddHostedService(provider => provider.GetRequiredService<OutboxBacklog>());
        }

        return services;
    }

    /// <summary>Registers what a consumer group does about events, also for its dead letters.</summary>
    public static void AddEventHandler<T>(this IServiceCollection services)
        where T : class, IEventHandler
    {
        services.AddSingleton<T>();
        services.AddSingleton<IEventHandler>(provider => provider.GetRequiredService<T>());
    }
}
