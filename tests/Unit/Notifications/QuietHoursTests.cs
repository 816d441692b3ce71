using System.Globalization;
using TodoFlow.Domain.Notifications;
using Xunit;

namespace TodoFlow.Tests.Unit.Notifications;

public class QuietHoursTests
{
    [Theory]
    [InlineData("Europe/Berlin", "22:00", "07:00", "2026-01-15T22:00:00+01:00", "2026-01-16T07:00:00+01:00")] // it begins
    [InlineData("Europe/Berlin", "22:00", "07:00", "2026-01-16T00:00:00+01:00", "2026-01-16T07:00:00+01:00")] // midnight
    [InlineData("Europe/Berlin", "22:00", "07:00", "2026-01-16T06:59:59+01:00", "2026-01-16T07:00:00+01:00")]
    [InlineData("Europe/Berlin", "22:00", "07:00", "2026-01-16T07:00:00+01:00", null)] // the end is not quiet
    [InlineData("Europe/Berlin", "22:00", "07:00", "2026-01-15T21:59:59+01:00", null)]
    [InlineData("Europe/Berlin", "13:00", "14:00", "2026-01-15T13:30:00+01:00", "2026-01-15T14:00:00+01:00")] // not over midnight
    [InlineData("Europe/Berlin", "13:00", "14:00", "2026-01-15T14:30:00+01:00", null)]
    [InlineData("Asia/Kolkata", "22:00", "07:00", "2026-01-15T17:00:00Z", "2026-01-16T07:00:00+05:30")]
    [InlineData("Europe/Berlin", "22:00", "07:00", "2026-03-28T23:00:00+01:00", "2026-03-29T07:00:00+02:00")] // the night of 8 hours
    [InlineData("Europe/Berlin", "22:00", "07:00", "2026-10-24T23:00:00+02:00", "2026-10-25T07:00:00+01:00")] // the night of 10 hours
    [InlineData("Europe/Berlin", "22:00", "02:30", "2026-03-29T01:59:00+01:00", "2026-03-29T03:30:00+02:00")] // its end is skipped: moved by the gap
    [InlineData("Europe/Berlin", "22:00", "02:30", "2026-10-25T02:29:00+02:00", "2026-10-25T02:30:00+02:00")] // its end comes twice: the first
    [InlineData("Europe/Berlin", "22:00", "02:30", "2026-10-25T02:10:00+01:00", null)] // and is over when the hour is repeated
    [InlineData("Europe/Berlin", "02:30", "07:00", "2026-10-25T02:10:00+01:00", "2026-10-25T07:00:00+01:00")] // its start comes twice: the first
    [InlineData("Europe/Berlin", "02:15", "02:45", "2026-03-29T03:20:00+02:00", "2026-03-29T03:45:00+02:00")] // both are skipped
    [InlineData("Pacific/Apia", "22:00", "07:00", "2011-12-29T23:00:00-10:00", "2011-12-31T07:00:00+14:00")] // the day after was skipped
    public void They_end_at_the_wall_time_of_their_zone(string zone, string from, string to, string instant, string? end)
    {
        var quiet = new QuietHours(TimeOnly.Parse(from, CultureInfo.InvariantCulture), TimeOnly.Parse(to, CultureInfo.InvariantCulture));

        var until = quiet.EndOf(DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture), TimeZoneInfo.FindSystemTimeZoneById(zone));

        Assert.Equal(end is null ? null : DateTimeOffset.Parse(end, CultureInfo.InvariantCulture).ToUniversalTime(), until);
    }
}
