using TodoFlow.Host.Configuration;
using TodoFlow.Host.Consumers;
using TodoFlow.Host.Discovery;
using TodoFlow.Host.Invocation;
using TodoFlow.Host.Kafka;
using TodoFlow.Host.Postgres;
using TodoFlow.Infrastructure.Health;

namespace TodoFlow.Host;

/// <summary>Registers what feeds the functions with a <c>[KafkaTrigger]</c>.</summary>
internal static class ConsumersSetup
{
    /// <summary>Registers the transport that the settings choose; nothing where no function needs it.</summary>
    /// <exception cref="HostStartException">A setting is wrong.</exception>
    public static void AddConsumers(this IServiceCollection services, HostSettings settings, FunctionCatalog catalog, IConfiguration configuration)
    {
        if (!catalog.Functions.Any(function => function.Trigger is KafkaTrigger))
        {
            return;
        }

        services.AddSingleton(ConsumerSettings.Read(configuration));
        services.AddSingleton<ConsumerMetrics>();
        services.AddSingleton<RecordInvoker>();
        if (settings.EventsUseKafka)
        {
            services.AddSingleton<KafkaOutages>();
            services.AddSingleton<TopicCreator>();
            services.AddHostedService(provider => provider.GetRequiredService<TopicCreator>());
            services.AddHostedService<KafkaListener>();
            services.AddPartHealth<ConsumerHealth>("consumers");
            services.AddHostedService(provider => provider.GetRequiredService<ConsumerHealth>());
        }
        else
        {
            services.AddHostedService<PostgresListener>();
        }
    }
}
