using TodoFlow.Host;
using TodoFlow.Messaging.Events;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Observability;

/// <summary>An application that exports its traces to a collector of the test's.</summary>
/// <param name="endpoint">The collector.</param>
/// <param name="brokers">Kafka's; null for the transport over PostgreSQL.</param>
internal sealed class TracedApp(string endpoint, string? brokers) : TestApp
{
    /// <summary>The tests of traces (<see cref="TracedTests"/>).</summary>
    public const string Collection = "traces";

    /// <summary>More settings.</summary>
    public Dictionary<string, string> More { get; } = [];

    /// <summary>Starts brokers with the topics.</summary>
    public static async Task<KafkaCluster> StartKafka()
    {
        var kafka = KafkaCluster.StartMock();
        foreach (var topic in new[] { Topics.TaskEvents, Topics.TaskUpdates, Topics.Reminders })
        {
            await kafka.AddTopic(topic);
            await kafka.AddTopic(topic + Topics.DeadLetterSuffix);
        }

        return kafka;
    }

    protected override void Configure(HostApplicationOptions options)
    {
        options.Settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
        options.Settings["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        options.Settings["OTEL_BSP_SCHEDULE_DELAY"] = "50";
        WebPushSetting.Configure(options, allowPrivate: true);
        if (brokers is not null)
        {
            options.Settings["Events:Transport"] = "kafka";
            options.Settings["Kafka:Brokers"] = brokers;
            options.Settings["Kafka:CreateTopics"] = "false";
            options.Settings["Kafka:Consumer:FetchWaitMaxMs"] = "10"; // the mock answers an empty fetch only then
            options.Settings["Kafka:Consumer:HeartbeatIntervalMs"] = "200";
            options.Settings["AzureFunctionsJobHost:extensions:kafka:sessionTimeoutMs"] = "2000"; // the mock rebalances a second sooner than this
        }

        foreach (var (name, value) in More)
        {
            options.Settings[name] = value;
        }
    }
}

/// <summary>
/// Tests that listen to traces run beside no others: who listens to a source listens to the whole process, and every event has a trace then, of which
/// others say that there is none, or compare what has one.
/// </summary>
[CollectionDefinition(TracedApp.Collection, DisableParallelization = true)]
public sealed class TracedTests;
