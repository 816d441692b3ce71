using System.Threading.Channels;
using Confluent.Kafka;

namespace TodoFlow.Host.Kafka;

/// <summary>
/// Runs a function for the records of one partition, in order, while the consumer goes on polling: so no invocation, however long it
/// takes or is retried, costs the consumer its place in the group. A partition whose records pile up is paused.
/// </summary>
internal sealed class PartitionWorker : IDisposable
{
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly TopicPartition _partition;
    private readonly BatchGatherer _batches;
    private readonly int _maxRecords;
    private readonly Channel<ConsumeResult<byte[], byte[]>> _records = Channel.CreateUnbounded<ConsumeResult<byte[], byte[]>>();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly Lock _sync = new();
    private bool _paused;
    private long? _next;

    /// <param name="consumer">The consumer that the partition is assigned to.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="batches">Runs the function.</param>
    /// <param name="maxRecords">How many records an invocation gets at most.</param>
    /// <param name="before">What this host still does for the partition from an earlier assignment: it ends first.</param>
    public PartitionWorker(IConsumer<byte[], byte[]> consumer, TopicPartition partition, BatchGatherer batches, int maxRecords, Task before)
    {
        _consumer = consumer;
        _partition = partition;
        _batches = batches;
        _maxRecords = maxRecords;
        Completion = Task.Run(() => Work(before));
    }

    /// <summary>Completes when the worker has stopped, and nothing is in flight.</summary>
    public Task Completion { get; }

    // Pausing costs: what the library has fetched beyond this is fetched again.
    private int MostWaiting => Math.Max(500, 4 * _maxRecords);

    /// <summary>The offset of the next record to be worked on; null where none has come yet.</summary>
    public Offset? Next
    {
        get
        {
            lock (_sync)
            {
                return _next is { } next ? new Offset(next) : null;
            }
        }
    }

    /// <summary>Takes a record, or the end of the partition; called by the polling thread.</summary>
    public void Add(ConsumeResult<byte[], byte[]> record)
    {
        lock (_sync)
        {
            if (_next is null)
            {
                Begin(record.Offset);
            }

            if (record.IsPartitionEOF)
            {
                return;
            }

            _records.Writer.TryWrite(record);
            if (!_paused && _records.Reader.Count >= MostWaiting && !_stop.IsCancellationRequested)
            {
                _consumer.Pause([_partition]);
                _paused = true;
            }
        }
    }

    /// <summary>The partition leaves: the try in flight may finish, nothing new begins.</summary>
    public void Stop()
    {
        _ = _stop.CancelAsync();
        lock (_sync)
        {
            Resume(); // the library would remember the pause if the partition came back
        }
    }

    /// <summary>The partition is another host's already, or the try in flight takes too long: it ends now.</summary>
    public void Abort()
    {
        Stop();
        _ = _lost.CancelAsync();
    }

    /// <summary>How many records are left to the group; null where nothing is known of the partition yet.</summary>
    public long? Lag()
    {
        var end = _consumer.GetWatermarkOffsets(_partition).High;
        if (end.IsSpecial)
        {
            return null;
        }

        lock (_sync)
        {
            return Math.Max(0, end - (_next ?? end));
        }
    }

    /// <summary>To be called when it has completed.</summary>
    public void Dispose()
    {
        _stop.Dispose();
        _lost.Dispose();
    }

    // The library commits this only where the group stands before it, or nowhere: because its offset has expired, or the records there
    // have. KEDA before 2.21 would count every offset that the partition ever had, until the next record comes.
    private void Begin(Offset offset)
    {
        _next = offset;
        Store(new TopicPartitionOffset(_partition, offset));
    }

    private async Task Work(Task before)
    {
        await before;
        var batch = new List<ConsumeResult<byte[], byte[]>>(_maxRecords);
        try
        {
            while (await _records.Reader.WaitToReadAsync(_stop.Token))
            {
                Take(batch);
                var done = await _batches.Run([.. batch.Select(KafkaRecords.ToKafkaRecord)], _stop.Token, _lost.Token);
                if (done > 0)
                {
                    Store(batch[done - 1]);
                }

                if (done < batch.Count)
                {
                    return; // only a worker that stops leaves records undone: whoever has the partition next gets them again
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Nothing was in flight.
        }
    }

    private void Take(List<ConsumeResult<byte[], byte[]>> batch)
    {
        batch.Clear();
        lock (_sync)
        {
            while (batch.Count < _maxRecords && _records.Reader.TryRead(out var record))
            {
                batch.Add(record);
            }

            if (_records.Reader.Count <= MostWaiting / 2)
            {
                Resume();
            }
        }
    }

    private void Resume()
    {
        if (!_paused)
        {
            return;
        }

        _paused = false;
        try
        {
            _consumer.Resume([_partition]);
        }
        catch (KafkaException)
        {
            // It has left already.
        }
    }

    private void Store(ConsumeResult<byte[], byte[]> last)
    {
        lock (_sync)
        {
            _next = last.Offset + 1;
        }

        Store(new TopicPartitionOffset(_partition, last.Offset + 1));
    }

    private void Store(TopicPartitionOffset next)
    {
        try
        {
            _consumer.StoreOffset(next);
        }
        catch (KafkaException)
        {
            // It has left already: its new owner gets the records again, and knows them by their ids.
        }
    }
}
