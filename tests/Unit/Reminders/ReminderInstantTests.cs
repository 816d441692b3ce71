using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Reminders;
using Xunit;

namespace TodoFlow.Tests.Unit.Reminders;

public class ReminderInstantTests
{
    private static readonly TimeOnly Nine = new(9, 0);

    [Theory]
    [InlineData("UTC", "2026-03-10T09:00:00Z")]
    [InlineData("Europe/Berlin", "2026-03-10T08:00:00Z")]
    [InlineData("America/New_York", "2026-03-10T13:00:00Z")] // daylight saving since two days before
    [InlineData("Asia/Kathmandu", "2026-03-10T03:15:00Z")]
    [InlineData("Pacific/Kiritimati", "2026-03-09T19:00:00Z")]
    public void All_day_tasks_count_from_nine_in_their_zone(string zone, string expected) =>
        Assert.Equal(expected, Before("2026-03-10", zone, "0 minutes"));

    [Theory]
    [InlineData("2026-03-29", "0 minutes", "2026-03-29T07:00:00Z")] // the clocks went forward at night
    [InlineData("2026-03-29", "1 day", "2026-03-28T08:00:00Z")] // nine o'clock the day before
    [InlineData("2026-03-29", "6 hours", "2026-03-29T01:00:00Z")] // 03:00, the first moment after the gap
    [InlineData("2026-03-29", "390 minutes", "2026-03-29T01:30:00Z")] // 02:30 does not exist: 03:30
    [InlineData("2026-10-25", "0 minutes", "2026-10-25T08:00:00Z")] // the clocks went back at night
    [InlineData("2026-10-25", "1 day", "2026-10-24T07:00:00Z")]
    [InlineData("2026-10-25", "390 minutes", "2026-10-25T00:30:00Z")] // 02:30 comes twice: the first
    public void All_day_tasks_count_back_on_the_wall_clock(string due, string offset, string expected) =>
        Assert.Equal(expected, Before(due, "Europe/Berlin", offset));

    [Theory]
    [InlineData("2026-03-29T09:00:00+02:00", "1 day", "2026-03-28T07:00:00Z")] // 24 hours: eight o'clock the day before
    [InlineData("2026-10-25T02:30:00+01:00", "1 hour", "2026-10-25T00:30:00Z")] // 02:30 in the first pass
    [InlineData("2026-03-29T03:30:00+02:00", "PT1H", "2026-03-29T00:30:00Z")]
    public void Timed_tasks_count_back_in_elapsed_time(string due, string offset, string expected) =>
        Assert.Equal(expected, Before(due, "Europe/Berlin", offset));

    [Fact]
    public void A_day_that_a_zone_skipped_is_the_next_one() =>
        Assert.Equal("2011-12-30T19:00:00Z", Before("2011-12-30", "Pacific/Apia", "0 minutes")); // 09:00 on the 31st

    [Fact]
    public void An_instant_between_two_microseconds_is_the_later_one() =>
        Assert.Equal(
            new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMicroseconds(1),
            ReminderInstant.At(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(1)));

    [Fact]
    public void The_time_of_day_is_the_users() =>
        Assert.Equal(
            new DateTimeOffset(2026, 3, 10, 6, 30, 0, TimeSpan.Zero),
            ReminderInstant.Before(DueDate.On(new DateOnly(2026, 3, 10)), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), new TimeOnly(7, 30), TimeSpan.Zero));

    private static string Before(string due, string zone, string offset)
    {
        Assert.True(DueDate.TryParse(due, out var parsed));
        Assert.True(ReminderOffset.TryParse(offset, out var span));
        return ReminderInstant.Before(parsed, TimeZoneInfo.FindSystemTimeZoneById(zone), Nine, span.Value).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null);
    }
}
