using TodoFlow.Domain.Calendar;
using Xunit;

namespace TodoFlow.Tests.Unit.Recurrence;

/// <summary>Days on which a zone's clock jumps.</summary>
public sealed class ClockChangeTests
{
    // A day, and the jump of the zone's clock on it, in minutes.
    [Theory]
    [InlineData("America/New_York", "2026-03-08", 60)]
    [InlineData("America/New_York", "2026-11-01", -60)]
    [InlineData("Europe/Berlin", "2026-03-29", 60)]
    [InlineData("Europe/Berlin", "2026-10-25", -60)]
    [InlineData("Australia/Lord_Howe", "2026-10-04", 30)]
    [InlineData("Australia/Lord_Howe", "2026-04-05", -30)]
    [InlineData("America/Santiago", "2026-09-06", 60)] // at midnight
    [InlineData("America/Santiago", "2026-04-05", -60)]
    [InlineData("Africa/Casablanca", "2026-03-22", 60)] // after Ramadan
    public void A_daily_task_happens_once_on_the_day_of_a_jump(string zone, string day, int jump)
    {
        var date = DateTime.Parse(day);
        var adjusted = 0;
        for (var minute = 0; minute < 24 * 60; minute += 5)
        {
            var wall = date.AddDays(-2).AddMinutes(minute);
            var series = Series.Of("daily", $"{wall:yyyy-MM-dd'T'HH:mm}", zone);

            var occurrences = series.Preview(series.First(), null, 4).Occurrences;

            Assert.Equal(Enumerable.Range(1, 4).Select(days => wall.AddDays(days)), occurrences.Select(occurrence => occurrence.Scheduled.Value));
            foreach (var occurrence in occurrences)
            {
                var moved = occurrence.Due.Instant!.Value.DateTime - occurrence.Scheduled.Value;
                Assert.Equal(series.Zone.GetUtcOffset(occurrence.Due.Instant.Value), occurrence.Due.Instant.Value.Offset);
                Assert.Equal(occurrence.Note == OccurrenceNote.DstGap ? TimeSpan.FromMinutes(jump) : TimeSpan.Zero, moved);
                adjusted += occurrence.Note is null ? 0 : 1;
                if (occurrence.Note == OccurrenceNote.DstOverlap)
                {
                    // One jump earlier, the clock still runs as before: this is the first of the two instants.
                    Assert.Equal(occurrence.Due.Instant.Value.Offset, series.Zone.GetUtcOffset(occurrence.Due.Instant.Value.AddMinutes(jump)));
                    Assert.NotEqual(occurrence.Due.Instant.Value.Offset, series.Zone.GetUtcOffset(occurrence.Due.Instant.Value.AddMinutes(-jump)));
                }
            }
        }

        Assert.Equal(Math.Abs(jump) / 5, adjusted);
    }

    [Fact]
    public void After_the_first_pass_of_an_overlap_the_second_has_no_occurrence()
    {
        var series = Series.Of("daily", "2026-10-31T01:30", "America/New_York");
        var completedInSecondPass = Series.Instant("2026-11-01T01:10:00-05:00");

        Assert.Equal("2026-11-02T01:30:00-05:00", series.Next(series.First(), completedInSecondPass)?.Due.Text);
    }

    [Fact]
    public void An_occurrence_moved_out_of_a_gap_is_still_ahead_shortly_after_the_gap()
    {
        var series = Series.Of("daily", "2026-03-07T02:30", "America/New_York");

        var next = series.Next(series.First(), Series.Instant("2026-03-08T03:10:00-04:00"));

        Assert.Equal("2026-03-08T03:30:00-04:00", next?.Due.Text);
        Assert.Equal(OccurrenceNote.DstGap, next?.Note);
        Assert.Equal("2026-03-08T02:30:00", next?.Scheduled.ToString());
        Assert.Equal("2026-03-09T02:30:00-04:00", series.Next(next!, Series.Instant("2026-03-08T03:31:00-04:00"))?.Due.Text);
    }

    [Fact]
    public void Members_moved_out_of_a_gap_mingle_with_those_after_it()
    {
        var series = Series.Of("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=15,45", "2026-03-07T03:45", "America/New_York");

        var occurrences = series.Preview(series.First(), null, 4).Occurrences;

        // 02:15 moves onto 03:15, 02:45 onto 03:45: once each, as they are.
        Assert.Equal(
            ["2026-03-08T03:15:00-04:00", "2026-03-08T03:45:00-04:00", "2026-03-09T02:15:00-04:00", "2026-03-09T02:45:00-04:00"],
            occurrences.Select(occurrence => occurrence.Due.Text));
        Assert.All(occurrences, occurrence => Assert.Null(occurrence.Note));
    }

    [Fact]
    public void A_member_moved_past_a_later_one_comes_after_it()
    {
        var series = Series.Of("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=20;BYSECOND=0,1", "2026-03-07T03:20:01", "America/New_York");

        Assert.Equal(["2026-03-08T03:20:00-04:00", "2026-03-08T03:20:01-04:00", "2026-03-09T02:20:00-04:00"], series.Texts(3));
    }

    [Fact]
    public void A_timed_series_crosses_a_day_that_its_zone_skipped()
    {
        var daily = Series.Of("daily", "2011-12-28T09:00", "Pacific/Apia");
        var fridays = Series.Of("weekly", "2011-12-23T09:00", "Pacific/Apia"); // the 30th was a Friday
        var moved = fridays.Next(fridays.First(), Series.Instant("2011-12-23T09:00-10:00"))!;

        Assert.Equal(["2011-12-29T09:00:00-10:00", "2011-12-31T09:00:00+14:00", "2012-01-01T09:00:00+14:00"], daily.Texts(3));
        Assert.Equal(("2011-12-31T09:00:00+14:00", OccurrenceNote.DstGap), (moved.Due.Text, moved.Note));
        Assert.Equal("2012-01-06T09:00:00+14:00", fridays.Next(moved, moved.Due.Instant!.Value)?.Due.Text);
    }

    [Fact]
    public void An_all_day_series_crosses_a_day_that_its_zone_skipped()
    {
        var daily = Series.Of("daily", "2011-12-28", "Pacific/Apia");
        var fridays = Series.Of("weekly", "2011-12-23", "Pacific/Apia");
        var moved = fridays.Next(fridays.First(), Series.Instant("2011-12-23T09:00-10:00"))!;

        Assert.Equal(["2011-12-29", "2011-12-31", "2012-01-01"], daily.Texts(3));
        Assert.Equal(("2011-12-31", OccurrenceNote.DstGap, "2011-12-30"), (moved.Due.Text, moved.Note, moved.Scheduled.ToString()));
        Assert.Equal("2012-01-06", fridays.Next(moved, moved.Due.DueAt(fridays.Zone))?.Due.Text);
    }

    [Fact]
    public void An_all_day_series_does_not_mind_a_day_without_midnight() =>
        Assert.Equal(["2026-09-06", "2026-09-07"], Series.Of("daily", "2026-09-05", "America/Santiago").Texts(2));
}
