using Confluent.Kafka;
using TodoFlow.Host.Consumers;
using TodoFlow.Host.Invocation;

namespace TodoFlow.Host.Kafka;

/// <summary>What a consumer is made of.</summary>
internal sealed record ConsumerParts(
    HostedFunction Function, ConsumerConfig Config, int MaxBatchSize, RecordInvoker Invoker, ConsumerMetrics Metrics, ConsumerHealth Health,
    KafkaOutages Outages, TimeProvider Clock, ILogger Logger);

/// <summary>Reads the topic of a function: polls on one thread, and leaves the work to one worker per partition, whose batches are run together where they come at the same time.</summary>
internal abstract class TopicConsumer(ConsumerParts parts)
{
    // How soon a stop is noticed. Records, and what the group does, end the wait at once.
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MeasureEvery = TimeSpan.FromSeconds(1);

    private readonly Dictionary<TopicPartition, PartitionWorker> _leaving = [];
    private readonly BatchGatherer _batches = new(
        MaxRecords(parts), (records, stopping, lost) => parts.Invoker.Run(parts.Function, records, stopping, lost),
        (records, lost) => parts.Invoker.TryTogether(parts.Function, records, CancellationToken.None, lost));
    private long _measured = parts.Clock.GetTimestamp();

    /// <summary>The function's trigger.</summary>
    protected KafkaTrigger Trigger { get; } = (KafkaTrigger)parts.Function.Trigger;

    /// <summary>The partitions that are read, each with its worker.</summary>
    protected Dictionary<TopicPartition, PartitionWorker> Workers { get; } = [];

    /// <summary>Consumes until the host stops; then finishes what is in flight. Blocks its thread.</summary>
    /// <exception cref="Exception">The library has given the consumer up, or a worker failed; it may be run anew.</exception>
    public void Run(CancellationToken stopping)
    {
        var builder = new ConsumerBuilder<byte[], byte[]>(parts.Config)
            .SetErrorHandler((_, error) => parts.Outages.Failed(parts.Config.BootstrapServers, error))
            .SetLogHandler((_, line) => parts.Outages.Add(line));
        Configure(builder);
        using var consumer = builder.Build();
        try
        {
            Begin(consumer, stopping);
            while (!stopping.IsCancellationRequested)
            {
                Poll(consumer);
            }
        }
        finally
        {
            List<PartitionWorker> all = [.. Workers.Values, .. _leaving.Values];
            Stop(all, Timeout.InfiniteTimeSpan); // the invoker ends what takes longer than the host may
            End();
            Close(consumer);
            all.ForEach(worker => worker.Dispose());
            Workers.Clear();
            _leaving.Clear();
        }
    }

    /// <summary>Sets what the consumer is told of its partitions.</summary>
    protected virtual void Configure(ConsumerBuilder<byte[], byte[]> builder)
    {
    }

    /// <summary>Says what is read.</summary>
    protected abstract void Begin(IConsumer<byte[], byte[]> consumer, CancellationToken stopping);

    /// <summary>Called between polls, about once a second.</summary>
    protected virtual void Tick(IConsumer<byte[], byte[]> consumer)
    {
    }

    /// <summary>Called when every worker has ended.</summary>
    protected virtual void End()
    {
    }

    /// <summary>Begins to work on a partition.</summary>
    protected void Add(IConsumer<byte[], byte[]> consumer, TopicPartition partition)
    {
        _leaving.Remove(partition, out var before);
        Workers[partition] = new PartitionWorker(consumer, partition, _batches, MaxRecords(parts), before?.Completion ?? Task.CompletedTask);
    }

    /// <summary>Takes partitions from their workers, which go on until they are stopped.</summary>
    protected Dictionary<TopicPartition, PartitionWorker> Remove(IEnumerable<TopicPartition> partitions)
    {
        var removed = new Dictionary<TopicPartition, PartitionWorker>();
        foreach (var partition in partitions)
        {
            parts.Metrics.ForgetLag(Trigger, partition.Partition);
            if (Workers.Remove(partition, out var worker))
            {
                removed[partition] = worker;
            }
        }

        return removed;
    }

    /// <summary>Ends the tries in flight. Should a partition come back before its worker has ended, the next worker waits for that.</summary>
    protected bool Abort(Dictionary<TopicPartition, PartitionWorker> workers, TimeSpan patience)
    {
        foreach (var (partition, worker) in workers)
        {
            worker.Abort();
            _leaving[partition] = worker;
        }

        return Stop(workers.Values, patience);
    }

    /// <summary>Lets the tries in flight finish.</summary>
    /// <returns>Whether they did, in time.</returns>
    protected static bool Stop(IEnumerable<PartitionWorker> workers, TimeSpan patience)
    {
        var stopping = workers.ToList();
        foreach (var worker in stopping)
        {
            worker.Stop();
        }

        return Task.WaitAny([Task.WhenAll(stopping.Select(worker => worker.Completion))], patience) == 0;
    }

    private static int MaxRecords(ConsumerParts parts) => ((KafkaTrigger)parts.Function.Trigger).IsBatched ? parts.MaxBatchSize : 1;

    private void Poll(IConsumer<byte[], byte[]> consumer)
    {
        try
        {
            if (consumer.Consume(PollTime) is { } record)
            {
                parts.Outages.Ended();
                if (Workers.TryGetValue(record.TopicPartition, out var worker))
                {
                    worker.Add(record); // or, at the end of the partition, where the next one will be
                }
            }
        }
        catch (ConsumeException error) when (!error.Error.IsFatal)
        {
            parts.Outages.Failed(parts.Config.BootstrapServers, error.Error);
        }

        if (parts.Clock.GetElapsedTime(_measured) >= MeasureEvery)
        {
            _measured = parts.Clock.GetTimestamp();
            foreach (var (partition, worker) in Workers)
            {
                if (worker.Completion.IsFaulted)
                {
                    worker.Completion.GetAwaiter().GetResult(); // nobody else would read on
                }

                if (worker.Lag() is { } lag)
                {
                    parts.Metrics.SetLag(Trigger, partition.Partition, lag);
                }
            }

            parts.Health.Runs(parts.Function, Workers.Count);
            Tick(consumer);
        }
    }

    private void Close(IConsumer<byte[], byte[]> consumer)
    {
        try
        {
            consumer.Close(); // commits what is stored, and leaves the group
        }
        catch (KafkaException error)
        {
            parts.Outages.Failed(parts.Config.BootstrapServers, error.Error);
        }
    }
}
