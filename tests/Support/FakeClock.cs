using Microsoft.Extensions.Time.Testing;

namespace TodoFlow.Tests.Support;

/// <summary>A clock that stands still until a test moves it, and of which a test can ask whether something waits for it yet.</summary>
/// <param name="now">Where the clock stands; 2026-01-01T00:00:00Z by default.</param>
public sealed class FakeClock(DateTimeOffset? now = null) : FakeTimeProvider(now ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    private readonly Lock _sync = new();
    private readonly HashSet<WatchedTimer> _timers = [];
    private readonly List<(DateTimeOffset Instant, TaskCompletionSource Reached)> _waiters = [];

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new WatchedTimer(this, base.CreateTimer(callback, state, dueTime, period));
        Watch(timer, dueTime, period);
        return timer;
    }

    /// <summary>Completes as soon as something waits for an instant no later than this far from now: then it is time to advance.</summary>
    public Task TimerDueWithin(TimeSpan span)
    {
        lock (_sync)
        {
            var instant = GetUtcNow() + span;
            if (_timers.Any(timer => timer.NextAfter(GetUtcNow()) <= instant))
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((instant, reached));
            return reached.Task.WaitAsync(TimeSpan.FromMinutes(2)); // a test that waits in vain fails
        }
    }

    private void Watch(WatchedTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_sync)
        {
            _timers.RemoveWhere(one => one == timer || one.NextAfter(GetUtcNow()) is null); // what is due has fired
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                (timer.Due, timer.Period) = (GetUtcNow() + dueTime, period);
                _timers.Add(timer);
                _waiters.RemoveAll(waiter => timer.Due <= waiter.Instant && waiter.Reached.TrySetResult());
            }
        }
    }

    private sealed class WatchedTimer(FakeClock clock, ITimer inner) : ITimer
    {
        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; set; }

        public DateTimeOffset? NextAfter(DateTimeOffset now) =>
            Due > now ? Due : Period > TimeSpan.Zero ? Due + (Period * (((now - Due).Ticks / Period.Ticks) + 1)) : null;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = inner.Change(dueTime, period);
            clock.Watch(this, dueTime, period);
            return changed;
        }

        public void Dispose()
        {
            inner.Dispose();
            clock.Watch(this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
