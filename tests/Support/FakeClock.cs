namespace TodoFlow.Tests.Support;

/// <summary>
/// A clock that stands still until a test moves it. Timers made from it (and so <c>Task.Delay</c> on it) fire inside
/// <see cref="Advance"/>, in the order of their instants, each at its own instant.
/// </summary>
public sealed class FakeClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<FakeTimer> _timers = [];
    private readonly List<(DateTimeOffset Instant, TaskCompletionSource Reached)> _waiters = [];
    private readonly DateTimeOffset _start;
    private DateTimeOffset _now;

    /// <param name="now">Where the clock stands; 2026-01-01T00:00:00Z by default.</param>
    public FakeClock(DateTimeOffset? now = null) => _start = _now = now ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => (GetUtcNow() - _start).Ticks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock forward, and fires every timer that becomes due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(by.Ticks);
        var target = GetUtcNow() + by;
        while (true)
        {
            FakeTimer? next;
            lock (_lock)
            {
                next = _timers.Where(timer => timer.Due <= target).MinBy(timer => timer.Due);
                _now = next is null ? target : Max(_now, next.Due!.Value);
                next?.Reschedule();
            }

            if (next is null)
                return;
            next.Fire();
        }
    }

    /// <summary>Sets the clock forward, as a machine that slept finds it: what became due meanwhile fires late, at the new time.</summary>
    public void Set(DateTimeOffset now)
    {
        lock (_lock)
            _now = Max(_now, now);
        Advance(TimeSpan.Zero);
    }

    /// <summary>Completes as soon as something waits for an instant no later than this far from now: then it is time to advance.</summary>
    public Task TimerDueWithin(TimeSpan span)
    {
        lock (_lock)
        {
            var instant = _now + span;
            if (_timers.Any(timer => timer.Due <= instant))
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((instant, reached));
            return reached.Task.WaitAsync(TimeSpan.FromSeconds(30)); // a test that waits in vain fails
        }
    }

    private static DateTimeOffset Max(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private sealed class FakeTimer(FakeClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public DateTimeOffset? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                clock._timers.Remove(this);
                _period = period;
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : clock._now + dueTime;
                if (Due is null)
                    return true;
                clock._timers.Add(this);
                clock._waiters.RemoveAll(waiter => Due <= waiter.Instant && waiter.Reached.TrySetResult());
                return true;
            }
        }

        // Under the clock's lock.
        public void Reschedule()
        {
            if (_period > TimeSpan.Zero)
            {
                Due += _period;
                return;
            }

            Due = null;
            clock._timers.Remove(this);
        }

        public void Fire() => callback(state);

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
