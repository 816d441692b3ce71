using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;
using Xunit;

namespace TodoFlow.Tests.Unit.Recurrence;

/// <summary>
/// Rules made to cost much. The measure is the number of days that an evaluation examines: some nanoseconds each. A rule
/// lasts 3,000 years and pauses for 400 at most, which makes fewer than 1.3 million days.
/// </summary>
public sealed class HostileRulesTests
{
    private static readonly string Times =
        $"BYHOUR={string.Join(',', Enumerable.Range(0, 24))};BYMINUTE={string.Join(',', Enumerable.Range(0, 60))};BYSECOND={string.Join(',', Enumerable.Range(0, 60))}";

    public static TheoryData<string> Rules =>
    [
        "FREQ=SECONDLY",
        "FREQ=SECONDLY;COUNT=1000000000",
        "FREQ=SECONDLY;INTERVAL=11;COUNT=2147483647",
        "FREQ=SECONDLY;INTERVAL=86399;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;INTERVAL=604800;BYDAY=MO;COUNT=1000000000",
        "FREQ=SECONDLY;BYYEARDAY=366;BYHOUR=23;BYMINUTE=59;BYSECOND=59",
        "FREQ=MINUTELY;INTERVAL=2;BYMINUTE=1",
        "FREQ=MINUTELY;INTERVAL=1439;COUNT=1000000000",
        "FREQ=HOURLY;INTERVAL=2147483647",
        "FREQ=HOURLY;BYYEARDAY=366;BYDAY=MO;COUNT=100000",
        "FREQ=DAILY;COUNT=1000000000",
        "FREQ=DAILY;INTERVAL=2147483647",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=DAILY;BYDAY=MO;BYSETPOS=2,3,-2",
        "FREQ=WEEKLY;COUNT=1000000000;BYDAY=MO,WE",
        "FREQ=WEEKLY;INTERVAL=2147483647",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=366",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;COUNT=1000000000;BYDAY=MO,WE",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
        "FREQ=YEARLY;COUNT=1000000000;BYDAY=MO,WE",
        "FREQ=YEARLY;INTERVAL=7;COUNT=1000000000;BYDAY=MO,WE",
        "FREQ=YEARLY;INTERVAL=2147483647",
        $"FREQ=DAILY;COUNT=2000000000;{Times}",
        $"FREQ=YEARLY;COUNT=2000000000;{Times}",
    ];

    [Theory]
    [MemberData(nameof(Rules))]
    public void No_rule_makes_an_evaluation_examine_many_days(string text)
    {
        var rule = RecurrenceRule.Parse(text);
        foreach (var anchor in new[] { "0001-01-02", "0001-01-02T23:59:58", "2026-01-05T09:00" })
        {
            foreach (var after in new[] { "0001-01-01", "2026-03-28", "2999-12-31", "9999-12-29" })
            {
                var set = new RecurrenceSet(rule, WallTime.Parse(anchor), DateTime.MaxValue, counts: true);

                var member = set.FirstAfter(WallTime.Parse(after).Value);

                Assert.True(member is null || member > WallTime.Parse(after).Value);
                Assert.InRange(set.Examined, 0, 1_300_000);
            }
        }
    }

    [Theory]
    [InlineData("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31")]
    [InlineData("FREQ=MINUTELY;INTERVAL=2;BYMINUTE=1")]
    [InlineData("FREQ=SECONDLY;INTERVAL=604800;BYDAY=TU")]
    [InlineData("FREQ=YEARLY;BYWEEKNO=1;BYMONTH=6")]
    [InlineData("FREQ=DAILY;INTERVAL=2147483647")]
    public void A_rule_that_never_matches_ends(string rule) => Assert.Equal(["ended"], Series.Of(rule, "2026-01-05T09:00").Texts(1));

    [Fact]
    public void A_rule_pauses_for_up_to_400_years()
    {
        Assert.Equal(["2400-02-29"], Series.Of("FREQ=YEARLY;INTERVAL=400", "2000-02-29").Texts(1));
        Assert.Equal(["ended"], Series.Of("FREQ=YEARLY;INTERVAL=402", "2000-02-28").Texts(1));
        Assert.Equal(["2032-02-29", "2060-02-29", "2088-02-29", "2128-02-29"], Series.Of("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU", "2004-02-29").Texts(4));
    }

    [Fact]
    public void A_series_lasts_3000_years()
    {
        var series = Series.Of("yearly", "0002-06-01");

        Assert.Equal("3001-06-01", series.Next(series.DueAt(Series.Due("3000-06-01")), Series.Instant("2026-01-01T00:00Z"))?.Due.Text);
        Assert.Null(series.Next(series.DueAt(Series.Due("3002-06-01")), Series.Instant("2026-01-01T00:00Z")));
    }

    [Fact]
    public void A_series_ends_with_the_calendar() =>
        Assert.Equal(["9999-12-28", "9999-12-29", "ended"], Series.Of("daily", "9999-12-27").Texts(5));

    [Theory]
    [InlineData("FREQ=DAILY")]
    [InlineData("FREQ=DAILY;INTERVAL=3;BYDAY=MO,TU,WE")]
    [InlineData("FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,TU;BYSETPOS=-1")]
    [InlineData("FREQ=MONTHLY;INTERVAL=7;BYDAY=1MO")]
    [InlineData("FREQ=YEARLY;INTERVAL=3;BYWEEKNO=53;BYDAY=MO")]
    [InlineData("FREQ=HOURLY;INTERVAL=7;BYMONTHDAY=1")]
    public void Counting_by_repetition_of_the_calendar_equals_counting_through(string text)
    {
        var members = RuleMembers.Of(RecurrenceRule.Parse(text), WallTime.Parse("0001-01-03T09:00").Value, allDay: false);
        var (from, step) = (86_400L * 3, 86_400L * 146_000); // a little less than the calendar's repetition
        var through = 0L;
        for (var part = 0; part < 20; part++)
        {
            through += members.CountBetween(from + (part * step), from + ((part + 1) * step));
        }

        Assert.Equal(through, members.CountBetween(from, from + (20 * step)));
    }
}
