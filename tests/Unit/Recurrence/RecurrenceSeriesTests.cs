using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;
using Xunit;

namespace TodoFlow.Tests.Unit.Recurrence;

/// <summary>What completing an occurrence leads to, beyond the table of decided cases.</summary>
public sealed class RecurrenceSeriesTests
{
    [Theory]
    [InlineData("2026-03-07", "2026-03-07", "2026-03-09")] // later: the next Monday stands
    [InlineData("2026-03-10", "2026-03-10", "2026-03-16")] // past the next member: no second one before it
    [InlineData("2026-02-27", "2026-02-27", "2026-03-09")] // earlier: its own member does not come again
    [InlineData("2026-02-27", "2026-03-12", "2026-03-16")] // earlier, and done late
    public void Moving_one_occurrence_keeps_the_rhythm(string moved, string completedOn, string next)
    {
        var series = Series.Of("weekly", "2026-02-23");
        var second = series.Next(series.First(), Series.Instant("2026-02-23T10:00+01:00"))!;
        Assert.Equal("2026-03-02", second.Due.Text);

        var third = series.Next(second with { Due = Series.Due(moved) }, Series.Instant($"{completedOn}T10:00+01:00"));

        Assert.Equal(next, third?.Due.Text);
        Assert.Equal(3, third?.Number);
    }

    [Fact]
    public void An_occurrence_moved_to_another_hour_is_followed_at_the_usual_hour()
    {
        var series = Series.Of("daily", "2026-05-04T09:00");
        var moved = series.First() with { Due = Series.Due("2026-05-04T21:15:00+02:00") };

        Assert.Equal("2026-05-05T09:00:00+02:00", series.Next(moved, Series.Instant("2026-05-04T20:00+02:00"))?.Due.Text);
    }

    [Fact]
    public void A_timed_occurrence_moved_to_a_whole_day_is_followed_on_a_later_day()
    {
        var series = Series.Of("daily", "2026-05-04T09:00");
        var moved = series.First() with { Due = Series.Due("2026-05-06") };

        Assert.Equal("2026-05-07T09:00:00+02:00", series.Next(moved, Series.Instant("2026-05-05T08:00+02:00"))?.Due.Text);
    }

    [Fact]
    public void An_all_day_occurrence_moved_to_an_hour_is_followed_by_whole_days()
    {
        var series = Series.Of("daily", "2026-05-04");
        var moved = series.First() with { Due = Series.Due("2026-05-06T22:30:00Z") }; // the 7th in Berlin

        Assert.Equal("2026-05-08", series.Next(moved, Series.Instant("2026-05-05T08:00+02:00"))?.Due.Text);
    }

    [Fact]
    public void The_completion_counts_by_its_date_in_the_zone_of_the_series() =>
        Assert.Equal(
            "2026-05-06",
            Series.Of("daily", "2026-05-04", "Pacific/Auckland").Next(Series.Of("daily", "2026-05-04").First(), Series.Instant("2026-05-04T13:00Z"))?.Due.Text);

    [Fact]
    public void Counted_from_completion_the_series_keeps_its_hour_however_late()
    {
        var series = Series.Of("FREQ=WEEKLY;BYDAY=MO", "2026-05-04T09:00", basis: RecurrenceBasis.Completion);

        Assert.Equal("2026-05-11T09:00:00+02:00", series.Next(series.First(), Series.Instant("2026-05-10T23:59+02:00"))?.Due.Text);
        Assert.Equal("2026-05-18T09:00:00+02:00", series.Next(series.First(), Series.Instant("2026-05-11T00:01+02:00"))?.Due.Text);
    }

    [Fact]
    public void Counted_from_completion_several_hours_a_day_go_on_the_same_day()
    {
        var series = Series.Of("FREQ=DAILY;BYHOUR=9,13,18", "2026-05-04T09:00", basis: RecurrenceBasis.Completion);

        Assert.Equal("2026-05-04T18:00:00+02:00", series.Next(series.First(), Series.Instant("2026-05-04T14:10+02:00"))?.Due.Text);
        Assert.Equal("2026-05-05T09:00:00+02:00", series.Next(series.First(), Series.Instant("2026-05-04T18:10+02:00"))?.Due.Text);
    }

    [Fact]
    public void Counted_from_completion_count_limits_the_occurrences()
    {
        var series = Series.Of("FREQ=DAILY;COUNT=3", "2026-05-04", basis: RecurrenceBasis.Completion);

        Assert.Equal(["2026-05-05", "2026-05-06", "ended"], series.Texts(5));
        Assert.Null(series.Next(series.DueAt(Series.Due("2026-05-20"), number: 3), Series.Instant("2026-05-20T10:00Z")));
    }

    [Fact]
    public void Count_takes_the_anchor_for_the_first_even_off_the_rule() =>
        Assert.Equal(["2026-05-07", "2026-05-11", "ended"], Series.Of("FREQ=WEEKLY;BYDAY=MO,TH;COUNT=3", "2026-05-05").Texts(5));

    [Theory]
    [InlineData("UNTIL=20260506", "2026-05-06T18:00:00+02:00 ended")]
    [InlineData("UNTIL=20260506T180000", "2026-05-06T18:00:00+02:00 ended")]
    [InlineData("UNTIL=20260506T175959", "ended")]
    [InlineData("UNTIL=20260506T160000Z", "2026-05-06T18:00:00+02:00 ended")]
    [InlineData("UNTIL=20260506T155959Z", "ended")]
    [InlineData("UNTIL=20200101", "ended")]
    public void Until_is_inclusive_in_each_of_its_forms(string until, string next) =>
        Assert.Equal(next.Split(' '), Series.Of($"FREQ=DAILY;{until}", "2026-05-05T18:00").Texts(2));

    [Theory]
    [InlineData("UNTIL=20260506T235959", "2026-05-06 ended")]
    [InlineData("UNTIL=20260506T000000Z", "2026-05-06 ended")]
    [InlineData("UNTIL=20260506T235959Z", "2026-05-06 ended")]
    [InlineData("UNTIL=20260505T220000Z", "ended")] // midnight in Berlin
    [InlineData("UNTIL=20260505T235959Z", "ended")]
    [InlineData("UNTIL=20260506", "2026-05-06 ended")]
    public void Until_as_a_time_ends_an_all_day_series_on_its_date_in_every_zone(string until, string next) =>
        Assert.All(
            ["UTC", "Europe/Berlin", "Pacific/Auckland", "Pacific/Kiritimati", "America/Los_Angeles", "Etc/GMT+12"],
            zone => Assert.Equal(next.Split(' '), Series.Of($"FREQ=DAILY;{until}", "2026-05-05", zone).Texts(2)));

    [Fact]
    public void A_clamped_occurrence_says_so_and_does_not_drift()
    {
        var series = Series.Of("monthly", "2026-01-31T08:00");
        var year = series.Preview(series.First(), null, 12).Occurrences;

        Assert.Equal([28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31], year.Select(occurrence => occurrence.Scheduled.Date.Day));
        Assert.All(year, occurrence => Assert.Equal(occurrence.Scheduled.Date.Day < 31 ? OccurrenceNote.Clamped : null, occurrence.Note));
    }

    [Fact]
    public void A_preview_says_whether_the_series_ended_before_the_count()
    {
        var series = Series.Of("FREQ=DAILY;COUNT=3", "2026-05-04");

        Assert.False(series.Preview(series.First(), null, 2).Ended);
        Assert.True(series.Preview(series.First(), null, 3).Ended);
        Assert.False(series.Preview(series.First(), null, 0).Ended);
    }

    [Fact]
    public void Fractions_of_a_second_stay()
    {
        var series = Series.Of("daily", "2026-05-04T09:00:00.123456");

        Assert.Equal(["2026-05-05T09:00:00.123456+02:00", "2026-05-06T09:00:00.123456+02:00"], series.Texts(2));
    }

    [Theory]
    [InlineData("2026-03-10", "2026-03-10")]
    [InlineData("2026-03-10T19:00", "2026-03-10T19:00:00")]
    [InlineData("2026-03-10T19:00:01.5", "2026-03-10T19:00:01.5")]
    public void Wall_times_are_written_as_they_are_read(string text, string written)
    {
        Assert.Equal(written, WallTime.Parse(text).ToString());
        Assert.Equal(WallTime.Parse(text), WallTime.Parse(written));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-03-10T19:00:00Z")]
    [InlineData("2026-03-10T19:00:00+01:00")]
    [InlineData("2026-02-30")]
    public void What_is_no_wall_time_is_refused(string text) => Assert.Throws<FormatException>(() => WallTime.Parse(text));

    [Fact]
    public void A_wall_time_takes_the_kind_of_another()
    {
        var (day, time) = (WallTime.Parse("2026-03-10"), WallTime.Parse("2026-04-01T19:00"));

        Assert.Equal("2026-03-10T19:00:00", day.InKindOf(time).ToString());
        Assert.Equal("2026-04-01", time.InKindOf(day).ToString());
        Assert.Equal(time, time.InKindOf(WallTime.Parse("2026-03-10T08:00")));
    }

    [Fact]
    public void An_occurrence_has_the_same_id_for_ever()
    {
        var series = new Guid("0198c0de-0000-7000-8000-000000000001");
        var key = "a key of 32 bytes, of a database."u8.ToArray();
        var id = OccurrenceId.For(key, series, 2);

        Assert.Equal(new Guid("c91f18ba-d95f-82f6-91de-dabb4a59eb52"), id);
        Assert.Equal(new Guid("a291a5b0-b276-8db3-bbec-a66e1558db42"), OccurrenceId.Unkeyed(series, 2));
        Assert.True(OccurrenceId.IsReserved(id));
        Assert.Equal(1000 * OccurrenceId.Choices, Enumerable.Range(1, 1000).SelectMany(occurrence => OccurrenceId.ChoicesOf(key, series, occurrence)).Distinct().Count());
        Assert.NotEqual(id, OccurrenceId.For(key, new Guid("0198c0de-0000-7000-8000-000000000002"), 2));
        Assert.NotEqual(id, OccurrenceId.For("another key"u8, series, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => OccurrenceId.For(key, series, 0));
    }
}
