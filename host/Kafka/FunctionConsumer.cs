using Confluent.Kafka;

namespace TodoFlow.Host.Kafka;

/// <summary>A function's member of its consumer group.</summary>
internal sealed partial class FunctionConsumer(ConsumerParts parts) : TopicConsumer(parts)
{
    // A rebalance waits for the tries in flight of the partitions that leave; the others in the group wait with it.
    private static readonly TimeSpan RevokePatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AbortPatience = TimeSpan.FromSeconds(5);

    private readonly string _function = parts.Function.Name;
    private readonly ILogger _logger = parts.Logger;

    /// <inheritdoc/>
    protected override void Configure(ConsumerBuilder<byte[], byte[]> builder) =>
        builder.SetPartitionsAssignedHandler(Assigned).SetPartitionsRevokedHandler(Revoked).SetPartitionsLostHandler(Lost);

    /// <inheritdoc/>
    protected override void Begin(IConsumer<byte[], byte[]> consumer, CancellationToken stopping) => consumer.Subscribe(Trigger.Topic);

    // The three handlers are called by Consume and Close, on the polling thread.
    private void Assigned(IConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions)
    {
        LogAssigned(_function, partitions);
        foreach (var partition in partitions)
        {
            Add(consumer, partition);
        }
    }

    private void Revoked(IConsumer<byte[], byte[]> consumer, List<TopicPartitionOffset> partitions)
    {
        LogRevoked(_function, partitions);
        var leaving = Remove(partitions.Select(partition => partition.TopicPartition));
        if (Stop(leaving.Values, RevokePatience))
        {
            foreach (var worker in leaving.Values)
            {
                worker.Dispose();
            }

            return;
        }

        if (!Abort(leaving, AbortPatience))
        {
            LogStuck(_function);
        }
    }

    private void Lost(IConsumer<byte[], byte[]> consumer, List<TopicPartitionOffset> partitions)
    {
        LogLost(_function, partitions.Select(partition => partition.Partition.Value));
        Abort(Remove(partitions.Select(partition => partition.TopicPartition)), TimeSpan.Zero);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Function} gets the partitions {Partitions}")]
    private partial void LogAssigned(string function, List<TopicPartition> partitions);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Function} gives up the partitions {Partitions}")]
    private partial void LogRevoked(string function, List<TopicPartitionOffset> partitions);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Function} has lost the partitions {Partitions}: its group did not hear from it")]
    private partial void LogLost(string function, IEnumerable<int> partitions);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Function} does not end though its partition leaves; its records are delivered again elsewhere")]
    private partial void LogStuck(string function);
}
