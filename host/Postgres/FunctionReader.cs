using System.Threading.Channels;
using TodoFlow.Host.Consumers;
using TodoFlow.Host.Invocation;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Host.Postgres;

/// <summary>
/// Feeds one function from the log: reads the shards that it is woken for, a few at a time and one batch each before the next shard has
/// its turn, so that hosts share the shards of a group by whoever is free.
/// </summary>
internal sealed partial class FunctionReader(
    HostedFunction function, string topic, EventLog log, int maxBatchSize, RecordInvoker invoker, ConsumerMetrics metrics, TimeProvider clock, ILogger logger)
{
    /// <summary>How many shards one host works on at once, each with a connection to hold it and those of the function itself.</summary>
    private const int ShardsAtOnce = 4;

    // Records that are handed to the function one by one are read in batches too; the cursor moves when the batch is done.
    private const int SingleRecords = 16;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly KafkaTrigger _trigger = (KafkaTrigger)function.Trigger;
    private readonly Channel<short> _queue = Channel.CreateUnbounded<short>();
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

    /// <summary>Says that a shard may hold something new. Returns at once.</summary>
    public void Wake(short shard)
    {
        lock (_sync)
        {
            var state = _shards[shard];
            if (state.Activity == Activity.Reading)
            {
                state.Activity = Activity.ReadingAndWoken; // it may have looked already
            }

            if (state.Activity != Activity.Idle)
            {
                return;
            }

            state.Activity = Activity.Queued;
            _queue.Writer.TryWrite(shard);
        }
    }

    /// <summary>Reads until the host stops; then finishes what is in flight.</summary>
    public Task Run(CancellationToken stopping) => Task.WhenAll(Enumerable.Range(0, ShardsAtOnce).Select(_ => Work(stopping)));

    private async Task Work(CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                var shard = await _queue.Reader.ReadAsync(stopping);
                Begin(shard);
                var again = await Read(shard, stopping);
                End(shard, again);
                if (again > TimeSpan.Zero)
                {
                    _ = WakeLater(shard, again.Value, stopping);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops; nothing is in flight any more.
        }
    }

    /// <returns>When to look again: at once where more is there, later where another host has the shard; null where all is read.</returns>
    private async Task<TimeSpan?> Read(short shard, CancellationToken stopping)
    {
        try
        {
            var limit = _trigger.IsBatched ? maxBatchSize : SingleRecords;
            await using var claim = await log.Claim(Subscription, shard, _trigger.Topic, limit, stopping);
            if (claim is null)
            {
                return Backoff(shard); // should the other host die, what it did not finish is taken over here
            }

            _shards[shard].Waits = 0;
            Recovered();
            Measure(shard, claim.Records.Count, limit);
            if (claim.Records.Count == 0)
            {
                return null;
            }

            var done = await invoker.Run(function, claim.Records, stopping);
            if (done > 0)
            {
                await claim.Advance(done);
            }

            Measure(shard, claim.Records.Count - done, limit - done);
            return done == limit ? TimeSpan.Zero : null;
        }
        catch (Exception error) when (error is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            Failed(error);
            return Backoff(shard);
        }
    }

    private void Begin(short shard)
    {
        lock (_sync)
        {
            _shards[shard].Activity = Activity.Reading;
        }
    }

    private void End(short shard, TimeSpan? again)
    {
        bool more;
        lock (_sync)
        {
            more = again == TimeSpan.Zero || _shards[shard].Activity == Activity.ReadingAndWoken;
            _shards[shard].Activity = Activity.Idle;
        }

        if (more)
        {
            Wake(shard);
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
    private void Measure(short shard, int left, int limit)
    {
        if (left < limit)
        {
            metrics.SetLag(_trigger, shard, left);
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

        public int Waits { get; set; }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Function} cannot read its events; it tries again")]
    private partial void LogFailed(Exception error, string function);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Function} reads its events again")]
    private partial void LogRecovered(string function);
}
