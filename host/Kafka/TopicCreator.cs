using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Options;
using TodoFlow.Host.Consumers;
using TodoFlow.Host.Discovery;
using TodoFlow.Host.Invocation;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Kafka;

namespace TodoFlow.Host.Kafka;

/// <summary>
/// Waits at start until Kafka answers, and creates the topics that it lacks where <c>Kafka:CreateTopics</c> allows it: those that
/// events are published to, those that functions read, and those of their dead letters. Topics that exist are left as they are.
/// </summary>
internal sealed partial class TopicCreator(
    FunctionCatalog catalog, Topics topics, ConsumerSettings settings, IOptions<KafkaSettings> kafka, IAdminClient admin, KafkaOutages outages,
    TimeProvider clock, ILogger<TopicCreator> logger)
    : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when Kafka has answered and every topic exists that may be created.</summary>
    public Task Ready => _ready.Task;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!await TryCreate(stoppingToken))
            {
                await Task.Delay(BetweenTries, clock, stoppingToken);
            }

            outages.Ended();
            _ready.SetResult();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            _ready.TrySetCanceled(stoppingToken);
        }
    }

    private async Task<bool> TryCreate(CancellationToken ct)
    {
        try
        {
            // The call blocks, also where the brokers are down.
            var existing = await Task.Run(() => admin.GetMetadata(Patience), ct).WaitAsync(ct);
            var missing = Needed().Except(existing.Topics.Where(topic => !topic.Error.IsError).Select(topic => topic.Topic)).ToList();
            if (missing.Count > 0)
            {
                await Create(missing);
            }

            return true;
        }
        catch (KafkaException error)
        {
            // At start it is no matter of one broker: the address may be wrong.
            outages.Failed(kafka.Value.Brokers!, new Error(ErrorCode.Local_AllBrokersDown, error.Error.Reason));
            return false;
        }
    }

    private IEnumerable<string> Needed() => topics.OnBroker
        .Concat(catalog.Functions.Select(function => function.Trigger).OfType<KafkaTrigger>()
            .Where(trigger => trigger.Broker?.BrokerList == kafka.Value.Brokers)
            .SelectMany(trigger => trigger.Topic.EndsWith(Topics.DeadLetterSuffix, StringComparison.Ordinal)
                ? new[] { trigger.Topic }
                : [trigger.Topic, trigger.Topic + Topics.DeadLetterSuffix]))
        .Distinct();

    private async Task Create(List<string> missing)
    {
        if (!settings.CreateTopics)
        {
            LogMissing(missing);
            return;
        }

        try
        {
            await admin.CreateTopicsAsync(missing.Select(topic => new TopicSpecification
            {
                Name = topic,
                NumPartitions = settings.TopicPartitions,
                ReplicationFactor = settings.TopicReplication,
            }));
            LogCreated(missing, settings.TopicPartitions);
        }
        catch (CreateTopicsException error)
        {
            // Another host may have been first; what else went wrong needs somebody's hands.
            foreach (var failed in error.Results.Where(result => result.Error.IsError && result.Error.Code != ErrorCode.TopicAlreadyExists))
            {
                LogRefused(failed.Topic, failed.Error.Code, failed.Error.Reason);
            }
        }
        catch (KafkaException error) when (error.Error.Code == ErrorCode.Local_UnsupportedFeature)
        {
            LogMissing(missing);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Created the topics {Topics} with {Partitions} partitions each")]
    private partial void LogCreated(IReadOnlyCollection<string> topics, int partitions);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Kafka lacks the topics {Topics}, and they may not be created from here")]
    private partial void LogMissing(IReadOnlyCollection<string> topics);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Kafka did not create the topic {Topic}: {Code}, {Reason}")]
    private partial void LogRefused(string topic, ErrorCode code, string reason);
}
