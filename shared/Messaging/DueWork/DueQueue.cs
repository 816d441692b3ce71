using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace TodoFlow.Messaging.DueWork;

/// <summary>
/// A durable queue whose rows fall due. One loop per process does what is due: at once when new work kicks it, at the instant when
/// the next row falls due, and whenever a timer function sweeps it, which finds what a crash or another process left behind.
/// Each process runs its own; what they claim they lock in the database.
/// </summary>
/// <remarks>
/// A sweep keeps the loop awake until the next one: only then it sleeps towards rows that fall due. So a process whose timer
/// functions are switched off does the work that it made itself, and leaves the rest to others.
/// </remarks>
public abstract partial class DueQueue(TimeProvider clock, ILogger log) : BackgroundService
{
    // What a kick began is finished, retries that come soon included.
    private static readonly TimeSpan AwakeAfterKick = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestBackoff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(30);

    private readonly Channel<bool> _kicks = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _sync = new();
    private TaskCompletionSource _nextRound = NewRound();
    private bool _swept;
    private DateTimeOffset _awakeUntil;

    /// <summary>Says that there is new work, once it is committed. Returns at once.</summary>
    public void Kick()
    {
        StayAwake(AwakeAfterKick);
        _kicks.Writer.TryWrite(true);
    }

    /// <summary>Does what is due, whoever made it, and sleeps towards what falls due until the next sweep.</summary>
    /// <param name="untilNext">How long it takes until the next sweep, with something to spare.</param>
    /// <param name="ct">Ends the wait; the work goes on.</param>
    /// <exception cref="Exception">What the work failed with. It is tried again.</exception>
    public virtual Task Sweep(TimeSpan untilNext, CancellationToken ct)
    {
        StayAwake(untilNext);
        Task round;
        lock (_sync)
        {
            _swept = true;
            round = _nextRound.Task;
            _kicks.Writer.TryWrite(true);
        }

        return round.WaitAsync(ct);
    }

    /// <summary>The clock of the queue.</summary>
    protected TimeProvider Clock => clock;

    /// <summary>Waits for new work while a round is under way, which takes it up; a sweep has a round of its own all the same.</summary>
    protected async Task Kicked(CancellationToken ct) => await _kicks.Reader.ReadAsync(ct);

    /// <summary>Does what is due now.</summary>
    /// <returns>When more falls due, or is tried again; null where that is not known.</returns>
    protected abstract Task<DateTimeOffset?> DoWhatIsDue(CancellationToken ct);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        DateTimeOffset? next = null;
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            TaskCompletionSource? round = null;
            try
            {
                await WaitForWork(next, stoppingToken);
                round = BeginRound();
                next = await DoWhatIsDue(stoppingToken);
                failures = 0;
                round.SetResult();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                round?.TrySetCanceled(stoppingToken);
            }
            catch (Exception error)
            {
                var delay = Backoff(failures++);
                next = clock.GetUtcNow() + delay;
                LogFailed(error, GetType().Name, delay);
                round?.SetException(error);
                _ = round?.Task.Exception; // nobody need be waiting for it
            }
        }

        lock (_sync)
        {
            _nextRound.TrySetCanceled(CancellationToken.None);
        }
    }

    /// <summary>How long to wait after a number of failures in a row: doubling, up to half a minute.</summary>
    protected static TimeSpan Backoff(int failures) =>
        failures >= 5 ? LongestBackoff : TimeSpan.FromTicks(ShortestBackoff.Ticks << failures);

    private static TaskCompletionSource NewRound() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void StayAwake(TimeSpan span)
    {
        var until = clock.GetUtcNow() + span;
        lock (_sync)
        {
            _awakeUntil = until > _awakeUntil ? until : _awakeUntil;
        }
    }

    private TaskCompletionSource BeginRound()
    {
        lock (_sync)
        {
            var round = _nextRound;
            _nextRound = NewRound();
            _swept = false;
            return round;
        }
    }

    private async Task WaitForWork(DateTimeOffset? due, CancellationToken stopping)
    {
        var (awake, isSwept) = State();
        if (_kicks.Reader.TryRead(out _) || isSwept)
        {
            return;
        }

        if (due is not { } instant || instant > awake)
        {
            await _kicks.Reader.ReadAsync(stopping);
            return;
        }

        var left = instant - clock.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            return;
        }

        // Timers count whole milliseconds: rounded up, or the last one would be spent spinning.
        using var alarm = new CancellationTokenSource(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(alarm.Token, stopping);
        try
        {
            await _kicks.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // It is due.
        }
    }

    private (DateTimeOffset AwakeUntil, bool IsSwept) State()
    {
        lock (_sync)
        {
            return (_awakeUntil, _swept);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Queue} failed; it tries again in {Delay} or when it is swept")]
    private partial void LogFailed(Exception error, string queue, TimeSpan delay);
}
