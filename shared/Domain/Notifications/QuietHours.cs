using TodoFlow.Domain.Calendar;

namespace TodoFlow.Domain.Notifications;

/// <summary>
/// Hours of every day in which nothing may ring. Each night is a span between two instants: a wall time inside a gap of the clock
/// is moved forward by the gap, and one that comes twice means the first time, as for due dates.
/// </summary>
/// <param name="From">The wall time at which they begin.</param>
/// <param name="To">The wall time at which they end: on the next day where it is not after <paramref name="From"/>.</param>
public readonly record struct QuietHours(TimeOnly From, TimeOnly To)
{
    /// <summary>The end of the quiet hours that an instant falls into; null where it falls into none. The end itself is not quiet.</summary>
    public DateTimeOffset? EndOf(DateTimeOffset instant, TimeZoneInfo zone)
    {
        var clock = new ZoneClock(zone);
        var today = DateOnly.FromDateTime(clock.WallAt(instant));
        for (var days = -1; days <= 1; days++) // a zone may skip or repeat a day
        {
            var day = today.AddDays(days);
            var start = clock.Resolve(day.ToDateTime(From)).Instant;
            var end = clock.Resolve((From < To ? day : day.AddDays(1)).ToDateTime(To)).Instant;
            if (start <= instant && instant < end)
            {
                return end.ToUniversalTime();
            }
        }

        return null;
    }
}
