using Confluent.Kafka;
using TodoFlow.Host.Realtime;

namespace TodoFlow.Host.Kafka;

/// <summary>
/// Reads every partition of a topic, from where it ended when the host started, under no group: nothing is shared with other hosts,
/// nothing is committed, and nothing stays behind. Where it stands it knows itself, so an outage of the brokers is caught up with.
/// </summary>
internal sealed partial class BroadcastConsumer(ConsumerParts parts, HubGate gate) : TopicConsumer(parts)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookForPartitionsEvery = TimeSpan.FromSeconds(30);

    private readonly ConsumerParts _parts = parts;
    private readonly ILogger _logger = parts.Logger;
    private readonly Dictionary<TopicPartition, Offset> _next = [];
    private bool _started;
    private long _looked;

    /// <inheritdoc/>
    protected override void Begin(IConsumer<byte[], byte[]> consumer, CancellationToken stopping)
    {
        while (!TryBegin(consumer))
        {
            if (stopping.WaitHandle.WaitOne(BetweenTries))
            {
                return;
            }
        }

        consumer.Assign(_next.Select(place => new TopicPartitionOffset(place.Key, place.Value)));
        foreach (var partition in _next.Keys)
        {
            Add(consumer, partition);
        }

        if (!_started)
        {
            _started = true;
            LogStarted(_parts.Function.Name, Trigger.Topic, _next.Count);
            gate.ReaderStarted();
        }
    }

    /// <inheritdoc/>
    protected override void Tick(IConsumer<byte[], byte[]> consumer)
    {
        if (_parts.Clock.GetElapsedTime(_looked) < LookForPartitionsEvery)
        {
            return;
        }

        _looked = _parts.Clock.GetTimestamp();
        foreach (var partition in Try(consumer, () => Partitions(consumer).Where(partition => !_next.ContainsKey(partition)).ToList()) ?? [])
        {
            _next[partition] = Offset.Beginning; // it was added since: all of it is new
            consumer.IncrementalAssign([new TopicPartitionOffset(partition, Offset.Beginning)]);
            Add(consumer, partition);
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        foreach (var (partition, worker) in Workers)
        {
            _next[partition] = worker.Next ?? _next[partition];
        }
    }

    // Asked for once: a consumer that begins anew goes on where the one before stood.
    private bool TryBegin(IConsumer<byte[], byte[]> consumer)
    {
        _looked = _parts.Clock.GetTimestamp();
        return _next.Count > 0 || Try(consumer, () =>
        {
            var ends = Partitions(consumer).ToDictionary(partition => partition, partition => consumer.QueryWatermarkOffsets(partition, Patience).High);
            foreach (var (partition, end) in ends)
            {
                _next[partition] = end;
            }

            return ends;
        }) is { Count: > 0 };
    }

    private List<TopicPartition> Partitions(IConsumer<byte[], byte[]> consumer)
    {
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        return admin.GetMetadata(Trigger.Topic, Patience).Topics.Single().Partitions
            .Select(partition => new TopicPartition(Trigger.Topic, partition.PartitionId)).ToList();
    }

    private T? Try<T>(IConsumer<byte[], byte[]> consumer, Func<T> ask)
        where T : class
    {
        try
        {
            return ask();
        }
        catch (KafkaException error)
        {
            _parts.Outages.Failed(consumer.Name, error.Error);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Function} reads the {Count} partitions of {Topic} from their ends on")]
    private partial void LogStarted(string function, string topic, int count);
}
