using TodoFlow.Domain.Reminders;
using Xunit;

namespace TodoFlow.Tests.Unit.Reminders;

public class ReminderOffsetTests
{
    [Theory]
    [InlineData("0 minutes", "00:00:00")]
    [InlineData("15 minutes", "00:15:00")]
    [InlineData("1 minute", "00:01:00")]
    [InlineData("2 hours", "02:00:00")]
    [InlineData("1 Day", "1.00:00:00")]
    [InlineData("2 weeks", "14.00:00:00")]
    [InlineData("365 days", "365.00:00:00")]
    [InlineData("PT15M", "00:15:00")]
    [InlineData("P1DT2H3M4S", "1.02:03:04")]
    [InlineData("P2W", "14.00:00:00")]
    [InlineData("PT0S", "00:00:00")]
    public void An_offset_is_read(string text, string expected)
    {
        Assert.True(ReminderOffset.TryParse(text, out var offset));
        Assert.Equal(TimeSpan.Parse(expected), offset);
    }

    [Theory]
    [InlineData("")]
    [InlineData("15")]
    [InlineData("soon")]
    [InlineData("-5 minutes")]
    [InlineData("1 month")]
    [InlineData("1.5 hours")]
    [InlineData("366 days")]
    [InlineData("999999999 weeks")]
    [InlineData("9999999999 minutes")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1M")]
    [InlineData("P1Y")]
    [InlineData("-PT5M")]
    [InlineData("PT15M\n")]
    [InlineData("٥ minutes")]
    public void Anything_else_is_refused(string text) => Assert.False(ReminderOffset.TryParse(text, out _));
}
