using System.Threading.Channels;
using TodoFlow.Host.Consumers;
using TodoFlow.Host.Discovery;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Host.Postgres;

/// <summary>
/// Feeds one function from the log: reads the lanes that it is woken for, a few at a time and one batch each before the next lane has
/// its turn, so that hosts share the lanes of a group by whoever is free.
/// </summary>
internal sealed partial class FunctionReader(
    HostedFunction function, string topic, EventLog log, int maxBatchSize, RecordInvoker invoker, ConsumerMetrics metrics, TimeProvider clock, ILogger logger)
{
    /// <summary>How many lanes one host works on at once, each with a connection to hold it and those of the function itself.</summary>
    private const int LanesAtOnce = 4;

    // Records that are handed to the function one by one are read in batches too; the cursor moves when the batch is done.
    private const int SingleRecords = 16;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly KafkaTrigger _trigger = (KafkaTrigger)function.Trigger;
    private readonly Channel<short> _queue = Channel.CreateUnbounded<short>();
    private readonly LaneState[] _lanes = [.. Enumerable.Range(0, Lanes.Count).Select(_ => new LaneState())];
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

    /// <summary>Says that a lane may hold something new. Returns at once.</summary>
    public void Wake(short lane)
    {
        lock (_sync)
        {
            var state = _lanes[lane];
            if (state.Activity == Activity.Reading)
                state.Activity = Activity.ReadingAndWoken; // it may have looked already
            if (state.Activity != Activity.Idle)
                return;
            state.Activity = Activity.Queued;
            _queue.Writer.TryWrite(lane);
        }
    }

    /// <summary>Reads until the host stops; then finishes what is in flight.</summary>
    public Task Run(CancellationToken stopping) => Task.WhenAll(Enumerable.Range(0, LanesAtOnce).Select(_ => Work(stopping)));

    private async Task Work(CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                var lane = await _queue.Reader.ReadAsync(stopping);
                Begin(lane);
                var again = await Read(lane, stopping);
                End(lane, again);
                if (again > TimeSpan.Zero)
                    _ = WakeLater(lane, again.Value, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops; nothing is in flight any more.
        }
    }

    /// <returns>When to look again: at once where more is there, later where another host has the lane; null where all is read.</returns>
    private async Task<TimeSpan?> Read(short lane, CancellationToken stopping)
    {
        try
        {
            var limit = _trigger.IsBatched ? maxBatchSize : SingleRecords;
            await using var claim = await log.Claim(Subscription, lane, _trigger.Topic, limit, stopping);
            if (claim is null)
                return Backoff(lane); // should the other host die, what it did not finish is taken over here
            _lanes[lane].Waits = 0;
            Recovered();
            Measure(lane, claim.Records.Count, limit);
            if (claim.Records.Count == 0)
                return null;

            var done = await invoker.Run(function, claim.Records, stopping);
            if (done > 0)
                await claim.Advance(done);
            Measure(lane, claim.Records.Count - done, limit - done);
            return done == limit ? TimeSpan.Zero : null;
        }
        catch (Exception error) when (error is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            Failed(error);
            return Backoff(lane);
        }
    }

    private void Begin(short lane)
    {
        lock (_sync)
            _lanes[lane].Activity = Activity.Reading;
    }

    private void End(short lane, TimeSpan? again)
    {
        bool more;
        lock (_sync)
        {
            more = again == TimeSpan.Zero || _lanes[lane].Activity == Activity.ReadingAndWoken;
            _lanes[lane].Activity = Activity.Idle;
        }

        if (more)
            Wake(lane);
    }

    private async Task WakeLater(short lane, TimeSpan delay, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(delay, clock, stopping);
            Wake(lane);
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    // What fills the limit may be more than that: the sweep counts it.
    private void Measure(short lane, int left, int limit)
    {
        if (left < limit)
            metrics.SetLag(_trigger, lane, left);
    }

    private TimeSpan Backoff(short lane)
    {
        var wait = ShortestWait * (1 << Math.Min(_lanes[lane].Waits++, 10));
        return wait < LongestWait ? wait : LongestWait;
    }

    private void Failed(Exception error)
    {
        if (!Interlocked.Exchange(ref _failing, true))
            LogFailed(error, function.Name);
    }

    private void Recovered()
    {
        if (_failing && Interlocked.Exchange(ref _failing, false))
            LogRecovered(function.Name);
    }

    private sealed class LaneState
    {
        public Activity Activity { get; set; }

        public int Waits { get; set; }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Function} cannot read its events; it tries again")]
    private partial void LogFailed(Exception error, string function);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Function} reads its events again")]
    private partial void LogRecovered(string function);
}
