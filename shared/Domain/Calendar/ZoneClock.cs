namespace TodoFlow.Domain.Calendar;

/// <summary>
/// Where the wall clock of a zone jumps. It asks the zone only for the offset at an instant, which is right for every jump; the
/// zone's own notion of invalid and ambiguous times misses those that are not daylight saving, such as a skipped day.
/// </summary>
internal readonly struct ZoneClock(TimeZoneInfo zone)
{
    // Offsets lie between -12 and +14 hours; the largest jumps are of a day.
    private static readonly TimeSpan Earliest = TimeSpan.FromHours(-15);
    private static readonly TimeSpan Latest = TimeSpan.FromHours(13);
    private static readonly TimeSpan LongestJump = TimeSpan.FromHours(25);

    /// <summary>The wall time at an instant.</summary>
    public DateTime WallAt(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, zone).DateTime;

    /// <summary>
    /// The instant of a wall time: moved forward by the gap inside a gap, the first of two in an overlap (RFC 5545 section 3.3.5).
    /// </summary>
    public ResolvedTime Resolve(DateTime wall)
    {
        if (JumpBetween(Shift(wall, Earliest), Shift(wall, Latest)) is not { } jump)
        {
            return new(At(Shift(wall, -OffsetAt(wall))));
        }

        var first = Shift(wall, -jump.OffsetBefore);
        var second = Shift(wall, -jump.OffsetAfter);
        return (first < jump.Utc, second >= jump.Utc) switch
        {
            (true, true) => new(At(first), OccurrenceNote.DstOverlap),
            (true, false) => new(At(first)),
            (false, true) => new(At(second)),
            _ => new(At(first), OccurrenceNote.DstGap, Shift(jump.Utc, jump.OffsetAfter)),
        };
    }

    /// <summary>
    /// The wall time up to which every member has happened by <paramref name="instant"/>. In the second pass of an overlap that is
    /// the end of it, because members are placed in the first.
    /// </summary>
    public DateTime PassedAt(DateTimeOffset instant)
    {
        var jump = JumpBetween(Shift(instant.UtcDateTime, -LongestJump), instant.UtcDateTime);
        var wall = WallAt(instant);
        if (jump is null)
        {
            return wall;
        }

        var endOfOverlap = Shift(jump.Value.Utc, jump.Value.OffsetBefore).AddTicks(-1);
        return wall > endOfOverlap ? wall : endOfOverlap;
    }

    /// <summary>
    /// Shortly after a gap: the wall time inside it from which members, moved forward by the gap, are still to come after
    /// <paramref name="instant"/>; otherwise null.
    /// </summary>
    public DateTime? InsideGapAt(DateTimeOffset instant)
    {
        var utc = instant.UtcDateTime;
        return JumpBetween(Shift(utc, -LongestJump), utc) is { } jump && utc - jump.Utc < jump.OffsetAfter - jump.OffsetBefore
            ? Shift(utc, jump.OffsetBefore)
            : null;
    }

    private (DateTime Utc, TimeSpan OffsetBefore, TimeSpan OffsetAfter)? JumpBetween(DateTime from, DateTime to)
    {
        var (before, after) = (OffsetAt(from), OffsetAt(to));
        if (before == after)
        {
            return null;
        }

        while (to - from > TimeSpan.FromTicks(1))
        {
            var middle = from + ((to - from) / 2);
            (from, to) = OffsetAt(middle) == before ? (middle, to) : (from, middle);
        }

        return (to, before, after);
    }

    private TimeSpan OffsetAt(DateTime utc) => zone.GetUtcOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc));

    private DateTimeOffset At(DateTime utc)
    {
        var offset = OffsetAt(utc);
        return new DateTimeOffset(Shift(utc, offset), offset);
    }

    // Saturates at the ends of the calendar.
    private static DateTime Shift(DateTime time, TimeSpan by) =>
        new(Math.Clamp(time.Ticks + by.Ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks));
}

/// <summary>The instant of a wall time.</summary>
/// <param name="Instant">The instant, with the zone's offset.</param>
/// <param name="Note">Whether the wall time lay in a gap or an overlap.</param>
/// <param name="GapEnd">The wall time at which the gap ends, if it lay in one.</param>
internal readonly record struct ResolvedTime(DateTimeOffset Instant, OccurrenceNote? Note = null, DateTime? GapEnd = null);
