namespace TodoFlow.Tests.Support;

/// <summary>The system's clock, which a test can set forward: what is kept for a time is over at once. Its timers run as ever.</summary>
public sealed class LeapingClock : TimeProvider
{
    private long _ticks;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref _ticks));

    /// <inheritdoc/>
    public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + Volatile.Read(ref _ticks);

    /// <summary>Sets the clock forward.</summary>
    public void Leap(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
