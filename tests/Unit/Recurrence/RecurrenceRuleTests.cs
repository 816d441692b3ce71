using TodoFlow.Domain.Recurrence;
using Xunit;

namespace TodoFlow.Tests.Unit.Recurrence;

/// <summary>What is read as a rule, and what a wrong one is told (RFC 5545 section 3.3.10).</summary>
public sealed class RecurrenceRuleTests
{
    [Theory]
    [InlineData("daily")]
    [InlineData("weekdays")]
    [InlineData("weekly")]
    [InlineData("monthly")]
    [InlineData("yearly")]
    [InlineData("RRULE:FREQ=DAILY")]
    [InlineData("rrule:freq=weekly;byday=mo,tu")]
    [InlineData("INTERVAL=2;FREQ=DAILY")]
    [InlineData("FREQ=SECONDLY;BYSECOND=0,60;BYMINUTE=59;BYHOUR=23")]
    [InlineData("FREQ=MONTHLY;BYDAY=2MO,-1FR,+3WE,53TU")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=+31,-31,1")]
    [InlineData("FREQ=YEARLY;BYYEARDAY=-366,366;BYWEEKNO=-53,53;BYMONTH=12;WKST=SU")]
    [InlineData("FREQ=HOURLY;BYYEARDAY=1")]
    [InlineData("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-366,366")]
    [InlineData("FREQ=DAILY;UNTIL=20261231")]
    [InlineData("FREQ=DAILY;UNTIL=20261231T090000")]
    [InlineData("FREQ=DAILY;UNTIL=20261231T090000Z")]
    [InlineData("FREQ=DAILY;COUNT=2147483647;INTERVAL=2147483647")]
    public void A_valid_rule_is_read_and_keeps_its_text(string text)
    {
        Assert.True(RecurrenceRule.TryParse($" {text} ", out var rule, out var error), error);
        Assert.Equal(text, rule.Text);
        Assert.False(rule.IsNone);
    }

    [Fact]
    public void None_is_a_rule_that_ends_at_once()
    {
        var series = Series.Of("NONE", "2026-01-05");

        Assert.True(series.Rule.IsNone);
        Assert.Equal("none", series.Rule.Text);
        Assert.Null(series.Next(series.First(), Series.Instant("2026-01-05T12:00Z")));
    }

    [Theory]
    [InlineData("", "'': must be none")]
    [InlineData("dayly", "'dayly': must be none")]
    [InlineData("FREQ=DAILY;;INTERVAL=2", "'': must be")]
    [InlineData("RRULE:RRULE:FREQ=DAILY", "RRULE:FREQ=DAILY: RRULE:FREQ is no part")]
    [InlineData("INTERVAL=2", "FREQ: is missing")]
    [InlineData("FREQ=FORTNIGHTLY", "FREQ=FORTNIGHTLY: must be SECONDLY")]
    [InlineData("FREQ=4", "FREQ=4: must be SECONDLY")]
    [InlineData("FREQ=DAILY;X-NOTE=1", "X-NOTE=1: X-NOTE is no part")]
    [InlineData("FREQ=MONTHLY;SKIP=FORWARD", "SKIP=FORWARD: SKIP is no part")]
    [InlineData("FREQ=DAILY;FREQ=WEEKLY", "FREQ=WEEKLY: FREQ is given twice")]
    [InlineData("FREQ=DAILY;INTERVAL=0", "INTERVAL=0: must be a whole number from 1")]
    [InlineData("FREQ=DAILY;INTERVAL=-1", "INTERVAL=-1: must be a whole number from 1")]
    [InlineData("FREQ=DAILY;INTERVAL=2147483648", "INTERVAL=2147483648: must be")]
    [InlineData("FREQ=DAILY;COUNT=0", "COUNT=0: must be a whole number from 1")]
    [InlineData("FREQ=DAILY;COUNT=1.5", "COUNT=1.5: must be")]
    [InlineData("FREQ=DAILY;COUNT=3;UNTIL=20270101", "UNTIL=20270101: must not stand beside COUNT")]
    [InlineData("FREQ=DAILY;UNTIL=2027-01-01", "UNTIL=2027-01-01: must be a date (20261231)")]
    [InlineData("FREQ=DAILY;UNTIL=20270230", "UNTIL=20270230: must be")]
    [InlineData("FREQ=DAILY;UNTIL=20270101T250000Z", "UNTIL=20270101T250000Z: must be")]
    [InlineData("FREQ=DAILY;UNTIL=20270101Z", "UNTIL=20270101Z: must be")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=1,32", "BYMONTHDAY=32: must be between -31 and 31, not 0")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0: must be between -31 and 31, not 0")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=", "BYMONTHDAY=: must be between")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=1,,2", "BYMONTHDAY=: must be between")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY= 1", "BYMONTHDAY= 1: must be between")]
    [InlineData("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY=1: does not go with FREQ=WEEKLY")]
    [InlineData("FREQ=YEARLY;BYMONTH=13", "BYMONTH=13: must be between 1 and 12")]
    [InlineData("FREQ=YEARLY;BYMONTH=+1", "BYMONTH=+1: must be between 1 and 12")]
    [InlineData("FREQ=YEARLY;BYWEEKNO=54", "BYWEEKNO=54: must be between -53 and 53, not 0")]
    [InlineData("FREQ=MONTHLY;BYWEEKNO=20", "BYWEEKNO=20: only goes with FREQ=YEARLY")]
    [InlineData("FREQ=YEARLY;BYYEARDAY=367", "BYYEARDAY=367: must be between -366 and 366, not 0")]
    [InlineData("FREQ=DAILY;BYYEARDAY=100", "BYYEARDAY=100: does not go with FREQ=DAILY, WEEKLY or MONTHLY")]
    [InlineData("FREQ=DAILY;BYHOUR=24", "BYHOUR=24: must be between 0 and 23")]
    [InlineData("FREQ=DAILY;BYMINUTE=60", "BYMINUTE=60: must be between 0 and 59")]
    [InlineData("FREQ=DAILY;BYSECOND=61", "BYSECOND=61: must be between 0 and 60")]
    [InlineData("FREQ=WEEKLY;BYDAY=XX", "BYDAY=XX: must be MO, TU")]
    [InlineData("FREQ=WEEKLY;BYDAY=M", "BYDAY=M: must be MO, TU")]
    [InlineData("FREQ=MONTHLY;BYDAY=54MO", "BYDAY=54MO: the number must be between -53 and 53, not 0")]
    [InlineData("FREQ=MONTHLY;BYDAY=0MO", "BYDAY=0MO: the number must be")]
    [InlineData("FREQ=WEEKLY;BYDAY=2MO", "BYDAY=2MO: may only have a number before the day with FREQ=MONTHLY or YEARLY")]
    [InlineData("FREQ=YEARLY;BYWEEKNO=1;BYDAY=2MO", "BYDAY=2MO: may not have a number before the day beside BYWEEKNO")]
    [InlineData("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS=1: needs another BY part")]
    [InlineData("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS=0: must be between -366 and 366, not 0")]
    [InlineData("FREQ=WEEKLY;WKST=1", "WKST=1: must be MO, TU")]
    public void A_wrong_rule_is_told_which_part_is_wrong(string text, string error)
    {
        Assert.False(RecurrenceRule.TryParse(text, out var rule, out var message));
        Assert.Null(rule);
        Assert.StartsWith(error, message, StringComparison.Ordinal);
        Assert.Equal(message, Assert.Throws<FormatException>(() => RecurrenceRule.Parse(text)).Message);
    }

    [Fact]
    public void A_rule_may_have_500_characters()
    {
        var longest = "FREQ=DAILY;BYHOUR=" + string.Join(",", Enumerable.Repeat("1", 241));

        Assert.True(RecurrenceRule.TryParse(longest + "1", out _, out _));
        Assert.False(RecurrenceRule.TryParse(longest + ",1", out _, out var error));
        Assert.Equal("must be at most 500 characters long", error);
        Assert.False(RecurrenceRule.TryParse(null, out _, out _));
    }
}
