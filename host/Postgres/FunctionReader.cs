using System.Threading.Channels;
using TodoFlow.Host.Consumers;
using TodoFlow.Host.Invocation;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Host.Postgres;

/// <summary>
/// Feeds one function from the log. What is new in several shards is one batch, so that many new events cost few transactions. A shard in which more
/// waits than a batch, or whose batch failed, is read by itself: a few of them at a time, and one batch each before the next one has its turn, so that
/// hosts share them by whoever is free, and none holds up another.
/// </summary>
internal sealed partial class FunctionReader(
    HostedFunction function, string topic, EventLog log, int maxBatchSize, RecordInvoker invoker, ConsumerMetrics metrics, TimeProvider clock, ILogger logger)
{
    /// <summary>How many batches one host works on at once, each with a connection to hold its shards and those of the function itself.</summary>
    private const int BatchesAtOnce = 4;

    // Records that are handed to the function one by one are read in batches too; the cursor moves when the batch is done.
    private const int SingleRecords = 16;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly KafkaTrigger _trigger = (KafkaTrigger)function.Trigger;
    private readonly Queue<short> _woken = new();
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ShardState[] _shards = [.. Enumerable.Range(0, Shards.Count).Select(_ => new ShardState())];
    private readonly Lock _sync = new();
    private bool _failing;

    private enum Activity
    {
        Idle,
        Queued,
        Reading,
        ReadingAndWoken,
    }

    /// <summary>What the function reads.</summary>
    public EventLog.Subscription Subscription { get; } = new(((KafkaTrigger)function.Trigger).ConsumerGroup, topic);

    /// <summary>The function's trigger.</summary>
    public KafkaTrigger Trigger => _trigger;

    /// <summary>Says that shards may hold something new. Returns at once.</summary>
    /// <param name="shards">The shards; those that are said together are read together.</param>
    public void Wake(params IEnumerable<short> shards)
    {
        lock (_sync)
        {
            foreach (var shard in shards)
            {
                var state = _shards[shard];
                if (state.Activity == Activity.Idle)
                {
                    state.Activity = Activity.Queued;
                    _woken.Enqueue(shard);
                }
                else if (state.Activity == Activity.Reading)
                {
                    state.Activity = Activity.ReadingAndWoken; // it may have looked already
                }
            }

            Signal();
        }
    }

    /// <summary>Reads until the host stops; then finishes what is in flight.</summary>
    public Task Run(CancellationToken stopping) => Task.WhenAll(Enumerable.Range(0, BatchesAtOnce).Select(_ => Work(stopping)));

    private async Task Work(CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                await _signals.Reader.ReadAsync(stopping);
                if (Take() is { Count: > 0 } shards) // else another took them
                {
                    End(await Read(shards, stopping), stopping);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops; nothing is in flight any more.
        }
    }

    // Not together where the function takes one record after the other: one that takes long would hold up those of other shards.
    private List<short> Take()
    {
        List<short> taken = [];
        lock (_sync)
        {
            while (_woken.TryPeek(out var next) && (taken.Count == 0 || (_trigger.IsBatched && !_shards[taken[0]].IsAlone && !_shards[next].IsAlone)))
            {
                taken.Add(_woken.Dequeue());
                _shards[next].Activity = Activity.Reading;
            }

            Signal();
        }

        return taken;
    }

    // For whoever is free.
    private void Signal()
    {
        if (_woken.Count > 0)
        {
            _signals.Writer.TryWrite(true);
        }
    }

    /// <returns>When to look again at each shard: at once where more is there, later where another host has it; null where all is read.</returns>
    private async Task<List<(short Shard, TimeSpan? Again)>> Read(List<short> shards, CancellationToken stopping)
    {
        try
        {
            var limit = _trigger.IsBatched ? maxBatchSize : SingleRecords;
            await using var claim = await log.Claim(Subscription, shards, _trigger.Topic, limit, stopping);
            Recovered();
            Measure(claim, 0, limit);
            var done = await Deliver(claim, stopping);
            if (done > 0)
            {
                await claim.Advance(done);
                Measure(claim, done, limit);
            }

            var (failed, more) = (done < claim.Records.Count, claim.Records.Count == limit);
            foreach (var shard in claim.Shards)
            {
                (_shards[shard].Waits, _shards[shard].IsAlone) = (0, failed || more);
            }

            // Should another host die that has a shard, what it did not finish is taken over here.
            return [.. shards.Select(shard => (shard, !claim.Shards.Contains(shard) ? Backoff(shard) : failed || more ? TimeSpan.Zero : (TimeSpan?)null))];
        }
        catch (Exception error) when (error is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            Failed(error);
            return [.. shards.Select(shard => (shard, (TimeSpan?)Backoff(shard)))];
        }
    }

    // Retries take long, so only a shard that is held by itself is waited for: the others that are held may have nothing yet.
    private async Task<int> Deliver(ShardClaim claim, CancellationToken stopping) =>
        claim.Records.Count == 0 ? 0
        : claim.Shards.Count == 1 ? await invoker.Run(function, claim.Records, stopping)
        : await invoker.TryTogether(function, claim.Records, stopping) ? claim.Records.Count : 0;

    private void End(List<(short Shard, TimeSpan? Again)> read, CancellationToken stopping)
    {
        List<short> atOnce = [];
        lock (_sync)
        {
            foreach (var (shard, again) in read)
            {
                if (again == TimeSpan.Zero || _shards[shard].Activity == Activity.ReadingAndWoken)
                {
                    atOnce.Add(shard);
                }

                _shards[shard].Activity = Activity.Idle;
            }
        }

        Wake(atOnce);
        foreach (var (shard, again) in read.Where(one => one.Again > TimeSpan.Zero))
        {
            _ = WakeLater(shard, again!.Value, stopping);
        }
    }

    private async Task WakeLater(short shard, TimeSpan delay, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(delay, clock, stopping);
            Wake(shard);
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    // What fills the limit may be more than that: the sweep counts it.
    private void Measure(ShardClaim claim, int done, int limit)
    {
        if (claim.Records.Count == limit)
        {
            return;
        }

        foreach (var shard in claim.Shards)
        {
            metrics.SetLag(_trigger, shard, claim.Records.Skip(done).Count(record => record.Partition == shard));
        }
    }

    private TimeSpan Backoff(short shard)
    {
        var wait = ShortestWait * (1 << Math.Min(_shards[shard].Waits++, 10));
        return wait < LongestWait ? wait : LongestWait;
    }

    private void Failed(Exception error)
    {
        if (!Interlocked.Exchange(ref _failing, true))
        {
            LogFailed(error, function.Name);
        }
    }

    private void Recovered()
    {
        if (_failing && Interlocked.Exchange(ref _failing, false))
        {
            LogRecovered(function.Name);
        }
    }

    private sealed class ShardState
    {
        public Activity Activity { get; set; }

        /// <summary>How often in a row another host had it.</summary>
        public int Waits { get; set; }

        /// <summary>Whether it is read by itself: more was there than a batch when it was read last, or its batch failed.</summary>
        public bool IsAlone { get; set; }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Function} cannot read its events; it tries again")]
    private partial void LogFailed(Exception error, string function);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Function} reads its events again")]
    private partial void LogRecovered(string function);
}
