using TodoFlow.Domain.Calendar;
using Xunit;

namespace TodoFlow.Tests.Unit.Tasks;

public class DueDateTests
{
    [Theory]
    [InlineData("2026-03-01T09:30:00Z", "2026-03-01T09:30:00Z")]
    [InlineData("2026-03-01t09:30:00z", "2026-03-01T09:30:00Z")]
    [InlineData("2026-03-01 09:30:00Z", "2026-03-01T09:30:00Z")]
    [InlineData("2026-03-01T09:30:00+01:00", "2026-03-01T08:30:00Z")]
    [InlineData("2026-03-01T09:30:00-14:00", "2026-03-01T23:30:00Z")]
    [InlineData("2026-03-01T09:30:00.123456789Z", "2026-03-01T09:30:00.1234567Z")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z")]
    [InlineData("2026-03-01T09:30:00-00:00", "2026-03-01T09:30:00Z")]
    public void An_instant_of_RFC_3339_is_read_and_keeps_its_text(string text, string instant)
    {
        Assert.True(DueDate.TryParse(text, out var due));
        Assert.Equal(DateTimeOffset.Parse(instant), due.Instant);
        Assert.Equal(text, due.Text);
        Assert.False(due.AllDay);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tomorrow")]
    [InlineData("2026-03-01T09:30:00")]
    [InlineData("2026-03-01T09:30Z")]
    [InlineData("2026-3-1")]
    [InlineData("2026-02-29")]
    [InlineData("2026-02-29T00:00:00Z")]
    [InlineData("2026-03-01T24:00:00Z")]
    [InlineData("2026-03-01T09:30:00+25:00")]
    [InlineData("2026-03-01T09:30:00-23:30")]
    [InlineData("2026-03-01T09:30:61Z")]
    [InlineData("0001-01-01")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("9999-12-31")]
    [InlineData("9999-12-31T23:59:60Z")]
    [InlineData("2026-03-01T09:30:00Z\n")]
    [InlineData("٢٠٢٦-03-01")]
    [InlineData("2026-03-01T09:30:00.1234567890123456789012345678901234567890Z")]
    public void Anything_else_is_refused(string text) => Assert.False(DueDate.TryParse(text, out _));

    [Theory]
    [InlineData("2026-06-15", "Europe/Berlin", "2026-06-14T22:00:00Z", "2026-06-15T22:00:00Z")]
    [InlineData("2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")] // a day of 23 hours
    [InlineData("2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")] // a day of 25 hours
    [InlineData("2026-09-06", "America/Santiago", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z")] // midnight lies in the gap
    [InlineData("2026-06-15", "UTC", "2026-06-15T00:00:00Z", "2026-06-16T00:00:00Z")]
    public void An_all_day_date_lasts_from_midnight_to_midnight_in_its_zone(string date, string zone, string from, string until)
    {
        Assert.True(DueDate.TryParse(date, out var due));
        var timeZone = TimeZoneInfo.FindSystemTimeZoneById(zone);

        Assert.True(due.AllDay);
        Assert.Equal(DateTimeOffset.Parse(from), due.DueAt(timeZone));
        Assert.Equal(DateTimeOffset.Parse(until), due.OverdueAt(timeZone));
    }

    [Theory]
    [InlineData("Europe/Berlin", true)]
    [InlineData("America/Argentina/Buenos_Aires", true)]
    [InlineData("UTC", true)]
    [InlineData("Etc/GMT+5", true)]
    [InlineData("Mars/Olympus", false)]
    [InlineData("../../../etc/passwd", false)]
    [InlineData("/etc/localtime", false)]
    [InlineData("Europe/../Europe/Berlin", false)]
    [InlineData("Europe/Berlin\n", false)]
    [InlineData("", false)]
    public void Only_names_of_IANA_zones_are_zones(string id, bool known) => Assert.Equal(known, ZoneIds.TryFind(id, out _));
}
