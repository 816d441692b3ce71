using Confluent.Kafka;
using TodoFlow.Host.Consumers;
using TodoFlow.Host.Discovery;

namespace TodoFlow.Host.Kafka;

/// <summary>A function's member of its consumer group: polls on one thread, and leaves the work to one worker per partition.</summary>
internal sealed partial class FunctionConsumer(
    HostedFunction function, ConsumerConfig config, int maxBatchSize, RecordInvoker invoker, ConsumerMetrics metrics, KafkaOutages outages,
    TimeProvider clock, ILogger logger)
{
    // How soon a stop is noticed. Records, and what the group does, end the wait at once.
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MeasureEvery = TimeSpan.FromSeconds(1);

    // A rebalance waits for the tries in flight of the partitions that leave; the others in the group wait with it.
    private static readonly TimeSpan RevokePatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AbortPatience = TimeSpan.FromSeconds(5);

    private readonly KafkaTrigger _trigger = (KafkaTrigger)function.Trigger;
    private readonly Dictionary<TopicPartition, PartitionWorker> _workers = [];
    private readonly Dictionary<TopicPartition, PartitionWorker> _leaving = [];
    private long _measured = clock.GetTimestamp();

    /// <summary>Consumes until the host stops; then finishes what is in flight, commits it and leaves the group. Blocks its thread.</summary>
    /// <exception cref="Exception">The library has given the consumer up, or a worker failed; it may be run anew.</exception>
    public void Run(CancellationToken stopping)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config)
            .SetErrorHandler((_, error) => outages.Failed(config.BootstrapServers, error))
            .SetLogHandler((_, line) => outages.Add(line))
            .SetPartitionsAssignedHandler(Assigned)
            .SetPartitionsRevokedHandler(Revoked)
            .SetPartitionsLostHandler(Lost)
            .Build();
        try
        {
            consumer.Subscribe(_trigger.Topic);
            while (!stopping.IsCancellationRequested)
                Poll(consumer);
        }
        finally
        {
            List<PartitionWorker> all = [.. _workers.Values, .. _leaving.Values];
            Stop(all, Timeout.InfiniteTimeSpan); // the invoker ends what takes longer than the host may
            Close(consumer);
            all.ForEach(worker => worker.Dispose());
            _workers.Clear();
            _leaving.Clear();
        }
    }

    private void Poll(IConsumer<byte[], byte[]> consumer)
    {
        try
        {
            if (consumer.Consume(PollTime) is { } record)
            {
                outages.Ended();
                if (_workers.TryGetValue(record.TopicPartition, out var worker))
                    worker.Add(record);
            }
        }
        catch (ConsumeException error) when (!error.Error.IsFatal)
        {
            outages.Failed(config.BootstrapServers, error.Error);
        }

        if (clock.GetElapsedTime(_measured) >= MeasureEvery)
        {
            _measured = clock.GetTimestamp();
            foreach (var (partition, worker) in _workers)
            {
                if (worker.Completion.IsFaulted)
                    worker.Completion.GetAwaiter().GetResult(); // nobody else would read on
                if (worker.Lag() is { } lag)
                    metrics.SetLag(_trigger, partition.Partition, lag);
            }
        }
    }

    // The three handlers are called by Consume and Close, on the polling thread.
    private void Assigned(IConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions)
    {
        LogAssigned(function.Name, partitions);
        foreach (var partition in partitions)
        {
            _leaving.Remove(partition, out var before);
            _workers[partition] = new PartitionWorker(
                consumer, partition, function, _trigger.IsBatched ? maxBatchSize : 1, invoker, before?.Completion ?? Task.CompletedTask);
        }
    }

    private void Revoked(IConsumer<byte[], byte[]> consumer, List<TopicPartitionOffset> partitions)
    {
        LogRevoked(function.Name, partitions);
        var leaving = Remove(partitions);
        if (Stop(leaving.Values, RevokePatience))
        {
            foreach (var worker in leaving.Values)
                worker.Dispose();
            return;
        }

        if (!Abort(leaving, AbortPatience))
            LogStuck(function.Name);
    }

    private void Lost(IConsumer<byte[], byte[]> consumer, List<TopicPartitionOffset> partitions)
    {
        LogLost(function.Name, partitions.Select(partition => partition.Partition.Value));
        Abort(Remove(partitions), TimeSpan.Zero);
    }

    private Dictionary<TopicPartition, PartitionWorker> Remove(List<TopicPartitionOffset> partitions)
    {
        var removed = new Dictionary<TopicPartition, PartitionWorker>();
        foreach (var partition in partitions.Select(partition => partition.TopicPartition))
        {
            metrics.ForgetLag(_trigger, partition.Partition);
            if (_workers.Remove(partition, out var worker))
                removed[partition] = worker;
        }

        return removed;
    }

    // Should a partition come back before its worker has ended, the next worker waits for that.
    private bool Abort(Dictionary<TopicPartition, PartitionWorker> workers, TimeSpan patience)
    {
        foreach (var (partition, worker) in workers)
        {
            worker.Abort();
            _leaving[partition] = worker;
        }

        return Stop(workers.Values, patience);
    }

    private static bool Stop(IEnumerable<PartitionWorker> workers, TimeSpan patience)
    {
        var stopping = workers.ToList();
        foreach (var worker in stopping)
            worker.Stop();
        return Task.WaitAny([Task.WhenAll(stopping.Select(worker => worker.Completion))], patience) == 0;
    }

    private void Close(IConsumer<byte[], byte[]> consumer)
    {
        try
        {
            consumer.Close(); // commits what is stored, and leaves the group
        }
        catch (KafkaException error)
        {
            outages.Failed(config.BootstrapServers, error.Error);
        }
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
