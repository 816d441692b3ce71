using TodoFlow.Domain.Calendar;

namespace TodoFlow.Domain.Reminders;

/// <summary>When a relative reminder fires.</summary>
public static class ReminderInstant
{
    // Before the first dates of the calendar there is nothing to count to; two days leave room for every zone.
    private static readonly DateTime Earliest = DateTime.MinValue.AddDays(2);

    /// <summary>
    /// The instant that lies <paramref name="offset"/> before a due date. A timed task counts back from its instant, in elapsed
    /// time. An all-day task counts back on the wall clock, so that "1 day" is the same time of the day before, whatever the clocks
    /// do that night; a time inside a gap moves forward by it, of an overlap it is the first (RFC 5545 section 3.3.5).
    /// </summary>
    /// <param name="due">The due date.</param>
    /// <param name="zone">The task's zone.</param>
    /// <param name="allDayTime">The time of day that all-day tasks count from.</param>
    /// <param name="offset">How long before, from 0 to 365 days.</param>
    /// <returns>UTC, in whole microseconds.</returns>
    public static DateTimeOffset Before(DueDate due, TimeZoneInfo zone, TimeOnly allDayTime, TimeSpan offset)
    {
        if (!due.AllDay)
        {
            return At(new DateTimeOffset(Earlier(due.Instant.Value.UtcDateTime, offset), TimeSpan.Zero));
        }

        var wall = Earlier(due.Date.Value.ToDateTime(allDayTime), offset);
        return At(new ZoneClock(zone).Resolve(wall).Instant);
    }

    /// <summary>An instant in UTC and whole microseconds, which is what the database keeps; rounded up, so that nothing fires early.</summary>
    public static DateTimeOffset At(DateTimeOffset instant)
    {
        var over = instant.UtcTicks % TimeSpan.TicksPerMicrosecond;
        return new DateTimeOffset(over == 0 ? instant.UtcTicks : instant.UtcTicks - over + TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
    }

    private static DateTime Earlier(DateTime time, TimeSpan by) => time.Ticks - by.Ticks > Earliest.Ticks ? time - by : Earliest;
}
