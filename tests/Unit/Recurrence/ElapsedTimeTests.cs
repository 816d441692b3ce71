using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using TodoFlow.Domain.Recurrence;
using Xunit;
using RecurrenceRule = TodoFlow.Domain.Recurrence.RecurrenceRule;

namespace TodoFlow.Tests.Unit.Recurrence;

/// <summary>Rules by the hour, minute and second: elapsed time decides, from the due date and from completion.</summary>
public sealed class ElapsedTimeTests
{
    // The completion, and what completing each occurrence when it is due gives then.
    [Theory]
    [InlineData("FREQ=HOURLY;INTERVAL=2", "Europe/Berlin", "2026-03-10T09:59:00Z", "2026-03-10T12:59:00+01:00 2026-03-10T14:59:00+01:00 2026-03-10T16:59:00+01:00")]
    [InlineData("FREQ=HOURLY", "Europe/Berlin", "2026-03-10T22:30:00Z", "2026-03-11T00:30:00+01:00 2026-03-11T01:30:00+01:00")] // over midnight
    [InlineData("FREQ=HOURLY;INTERVAL=36", "Europe/Berlin", "2026-03-10T09:00:00Z", "2026-03-11T22:00:00+01:00 2026-03-13T10:00:00+01:00")] // longer than a day
    [InlineData("FREQ=MINUTELY;INTERVAL=45", "America/New_York", "2026-03-10T03:40:10Z", "2026-03-10T00:25:10-04:00 2026-03-10T01:10:10-04:00")]
    [InlineData("FREQ=MINUTELY;INTERVAL=1440", "UTC", "2026-03-10T23:59:59Z", "2026-03-11T23:59:59Z")]
    [InlineData("FREQ=SECONDLY;INTERVAL=90", "Asia/Kolkata", "2026-03-10T18:29:00Z", "2026-03-11T00:00:30+05:30")]
    [InlineData("FREQ=HOURLY;INTERVAL=2", "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T04:30:00+02:00")] // 01:30, over the gap
    [InlineData("FREQ=HOURLY;INTERVAL=2", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T03:30:00+01:00")] // 02:30, over the overlap
    [InlineData("FREQ=HOURLY;INTERVAL=2", "UTC", "2026-03-10T09:59:00.25Z", "2026-03-10T11:59:00.25Z")] // to the fraction
    [InlineData("FREQ=HOURLY;INTERVAL=3;BYHOUR=9,10,11,12,13,14,15,16,17", "Europe/Berlin", "2026-03-10T14:30:00Z", "2026-03-11T09:30:00+01:00")] // 18:30 is too late, 06:30 too early
    [InlineData("FREQ=MINUTELY;INTERVAL=20;BYDAY=MO,TU,WE,TH,FR", "Europe/Berlin", "2026-03-13T22:50:00Z", "2026-03-16T00:10:00+01:00")] // Friday 23:50; every 20 minutes of the weekend are passed over
    [InlineData("FREQ=HOURLY;UNTIL=20260310T130000Z", "UTC", "2026-03-10T11:30:00Z", "2026-03-10T12:30:00Z ended")]
    [InlineData("FREQ=HOURLY;COUNT=3", "UTC", "2026-03-10T11:30:00Z", "2026-03-10T12:30:00Z 2026-03-10T13:30:00Z ended")]
    public void Counted_from_completion_the_next_is_the_interval_later(string rule, string zone, string completedAt, string expected)
    {
        var series = Series.Of(rule, "2026-03-10T09:00", zone, RecurrenceBasis.Completion);
        var texts = expected.Split(' ');

        var preview = series.Preview(series.First(), Series.Instant(completedAt), texts.Length);

        Assert.Equal(texts, preview.Occurrences.Select(Text).Concat(preview.Ended ? ["ended"] : []));
        Assert.All(preview.Occurrences, occurrence => Assert.Null(occurrence.Note));
    }

    [Theory]
    [InlineData("FREQ=HOURLY", "Europe/Berlin", "2026-10-25T01:30", "2026-10-25T02:30:00+02:00 2026-10-25T02:30:00+01:00 2026-10-25T03:30:00+01:00")] // both ring
    [InlineData("FREQ=HOURLY", "Europe/Berlin", "2026-03-29T01:30", "2026-03-29T03:30:00+02:00 2026-03-29T04:30:00+02:00")] // 02:30 is not there
    [InlineData("FREQ=HOURLY;INTERVAL=2", "Europe/Berlin", "2026-10-25T00:30", "2026-10-25T02:30:00+02:00 2026-10-25T03:30:00+01:00 2026-10-25T05:30:00+01:00")]
    [InlineData("FREQ=HOURLY;INTERVAL=2", "Europe/Berlin", "2026-03-29T00:30", "2026-03-29T03:30:00+02:00 2026-03-29T05:30:00+02:00")]
    [InlineData("FREQ=MINUTELY;INTERVAL=30", "America/New_York", "2026-11-01T01:15", "2026-11-01T01:45:00-04:00 2026-11-01T01:15:00-05:00 2026-11-01T01:45:00-05:00 2026-11-01T02:15:00-05:00")]
    [InlineData("FREQ=HOURLY", "Australia/Lord_Howe", "2026-04-05T01:00", "2026-04-05T01:30:00+10:30 2026-04-05T02:30:00+10:30")] // half an hour back
    [InlineData("FREQ=HOURLY;BYHOUR=2", "Europe/Berlin", "2026-10-24T02:00", "2026-10-25T02:00:00+02:00 2026-10-25T02:00:00+01:00 2026-10-26T02:00:00+01:00")]
    [InlineData("FREQ=HOURLY;BYHOUR=2", "Europe/Berlin", "2026-03-28T02:00", "2026-03-30T02:00:00+02:00")] // no such hour on the 29th
    [InlineData("FREQ=HOURLY;BYMINUTE=0,30;BYHOUR=2", "Europe/Berlin", "2026-10-25T02:00", "2026-10-25T02:30:00+02:00 2026-10-25T02:00:00+01:00 2026-10-25T02:30:00+01:00 2026-10-26T02:00:00+01:00")]
    [InlineData("FREQ=HOURLY;COUNT=4", "Europe/Berlin", "2026-10-25T01:30", "2026-10-25T02:30:00+02:00 2026-10-25T02:30:00+01:00 2026-10-25T03:30:00+01:00 ended")] // each counts
    [InlineData("FREQ=HOURLY;UNTIL=20261025T003000Z", "Europe/Berlin", "2026-10-25T01:30", "2026-10-25T02:30:00+02:00 ended")]
    [InlineData("FREQ=HOURLY;UNTIL=20261025T013000Z", "Europe/Berlin", "2026-10-25T01:30", "2026-10-25T02:30:00+02:00 2026-10-25T02:30:00+01:00 ended")]
    [InlineData("FREQ=HOURLY;INTERVAL=24", "Pacific/Apia", "2011-12-29T09:00", "2011-12-31T09:00:00+14:00 2012-01-01T09:00:00+14:00")] // a day that was skipped
    [InlineData("FREQ=HOURLY;INTERVAL=6;UNTIL=20260310", "Europe/Berlin", "2026-03-10T09:00", "2026-03-10T15:00:00+01:00 2026-03-10T21:00:00+01:00 ended")]
    [InlineData("FREQ=HOURLY;INTERVAL=6;UNTIL=20260310T210000", "Europe/Berlin", "2026-03-10T09:00", "2026-03-10T15:00:00+01:00 2026-03-10T21:00:00+01:00 ended")]
    [InlineData("FREQ=HOURLY;UNTIL=99991231", "UTC", "2026-03-10T09:00", "2026-03-10T10:00:00Z")]
    public void Counted_from_the_due_date_units_are_as_long_as_each_other(string rule, string zone, string anchor, string expected)
    {
        var texts = expected.Split(' ');
        Assert.Equal(texts, Series.Of(rule, anchor, zone).Texts(texts.Length).Select(text => text.Replace("+00:00", "Z", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_series_of_whole_days_by_the_hour_has_the_days_that_hold_any() =>
        Assert.Equal(["2026-10-25", "2026-10-26", "2026-10-27"], Series.Of("FREQ=HOURLY;INTERVAL=5", "2026-10-24").Texts(3));

    // Ical.Net in UTC, where clocks do not change: the same instants are right in every zone.
    [Property(MaxTest = 300)]
    public Property It_has_the_instants_that_Ical_Net_has_in_UTC() => Prop.ForAll(Plain().ToArbitrary(), example =>
    {
        var (rule, anchor, zone) = example;
        var series = Series.Of(rule, anchor, zone);
        var start = series.First().Due.Instant!.Value.UtcDateTime;
        var ours = series.Preview(series.First(), null, 40).Occurrences.Select(occurrence => occurrence.Due.Instant!.Value.UtcDateTime).ToList();
        var calendar = new CalendarEvent { DtStart = new CalDateTime(start, "UTC", true), RecurrenceRule = new Ical.Net.DataTypes.RecurrenceRule(rule) };
        var theirs = calendar.GetOccurrences().Select(occurrence => occurrence.Period.StartTime.AsUtc).Skip(1).Take(40).ToList();
        return ours.SequenceEqual(theirs).Label($"{rule} from {anchor} in {zone}\nours   {Texts(ours)}\ntheirs {Texts(theirs)}");
    });

    // Independent of the engine: takes every unit from the anchor on, and asks the wall clock of each whether it is a member.
    [Property(MaxTest = 300)]
    public Property It_agrees_with_a_walk_over_every_unit() => Prop.ForAll(Walks().ToArbitrary(), walk =>
    {
        var series = Series.Of(walk.Rule, walk.Anchor, walk.Zone);
        var start = series.First().Due.Instant!.Value.UtcDateTime;
        var step = walk.Interval * (walk.Frequency == "HOURLY" ? TimeSpan.FromHours(1) : TimeSpan.FromMinutes(1));
        var walked = Enumerable.Range(1, 20_000).Select(unit => start + (unit * step)).Where(time => walk.Has(TimeZoneInfo.ConvertTimeFromUtc(time, series.Zone))).Take(30).ToList();
        var ours = series.Preview(series.First(), null, walked.Count).Occurrences.Select(occurrence => occurrence.Due.Instant!.Value.UtcDateTime).ToList();
        return ours.SequenceEqual(walked).Label($"{walk.Rule} from {walk.Anchor} in {walk.Zone}\nours   {Texts(ours)}\nwalked {Texts(walked)}");
    });

    [Theory]
    [InlineData("FREQ=SECONDLY;COUNT=1000000000")]
    [InlineData("FREQ=SECONDLY;INTERVAL=604800;BYDAY=MO;COUNT=1000000000")]
    [InlineData("FREQ=SECONDLY;BYYEARDAY=366;BYHOUR=23;BYMINUTE=59;BYSECOND=59")]
    [InlineData("FREQ=SECONDLY;INTERVAL=86399;BYMONTH=2;BYMONTHDAY=30")]
    [InlineData("FREQ=MINUTELY;INTERVAL=2;BYMINUTE=1")]
    [InlineData("FREQ=HOURLY;INTERVAL=2147483647")]
    [InlineData("FREQ=HOURLY;BYYEARDAY=366;BYDAY=MO;COUNT=100000")]
    public void No_rule_makes_an_evaluation_examine_many_days(string text)
    {
        foreach (var zone in new[] { "UTC", "Europe/Berlin", "Pacific/Apia" })
        {
            foreach (var anchor in new[] { "0001-01-02T12:00:00Z", "2026-01-05T09:00:00Z" })
            {
                foreach (var after in new[] { "0001-01-02T00:00:00Z", "2026-03-28T00:00:00Z", "2999-12-31T00:00:00Z", "9999-12-29T00:00:00Z" })
                {
                    var set = new ElapsedSet(
                        RecurrenceRule.Parse(text), Series.Instant(anchor), TimeZoneInfo.FindSystemTimeZoneById(zone), DateTimeOffset.MaxValue, counts: true);

                    var member = set.FirstAfter(Series.Instant(after));

                    Assert.True(member is null || member > Series.Instant(after));
                    Assert.InRange(set.Examined, 0, 1_500_000); // those at the ends of a week come twice
                }
            }
        }
    }

    private static Gen<(string Rule, string Anchor, string Zone)> Plain() =>
        from frequency in Gen.Elements("HOURLY", "MINUTELY", "SECONDLY")
        from interval in Gen.Choose(1, 200)
        from end in Gen.Elements("", "", ";COUNT=9", ";UNTIL=20261025T013000Z")
        from start in RecurrencePropertyTests.Starts()
        where start.Contains('T')
        from zone in Gen.Elements(RecurrencePropertyTests.Zones)
        where !(end.Contains("UNTIL") && string.CompareOrdinal(start, "2026-10-24") > 0)
        select ($"FREQ={frequency};INTERVAL={interval}{(frequency == "SECONDLY" && end.Contains("UNTIL") ? "" : end)}", start, zone);

    private static Gen<Walk> Walks() =>
        from frequency in Gen.Elements("HOURLY", "MINUTELY")
        from interval in Gen.Choose(1, 100)
        from start in RecurrencePropertyTests.Starts()
        where start.Contains('T')
        from zone in Gen.Elements(RecurrencePropertyTests.Zones)
        from months in Gen.SubListOf(Enumerable.Range(1, 12))
        from days in Gen.SubListOf(Enumerable.Range(0, 7))
        from hours in Gen.SubListOf(Enumerable.Range(0, 24))
        from minutes in Gen.SubListOf(Enumerable.Range(0, 60))
        select new Walk(frequency, interval, start, zone, months.Count > 6 ? [.. months] : [], [.. days], [.. hours], frequency == "MINUTELY" ? [.. minutes] : []);

    private static string Text(SeriesOccurrence occurrence) => occurrence.Due.Text.Replace("+00:00", "Z", StringComparison.Ordinal);

    private static string Texts(IEnumerable<DateTime> times) =>
        string.Join(' ', times.Select(time => time.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)));

    private sealed record Walk(string Frequency, int Interval, string Anchor, string Zone, int[] Months, int[] Days, int[] Hours, int[] Minutes)
    {
        private static readonly string[] Weekdays = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

        public string Rule => $"FREQ={Frequency};INTERVAL={Interval}"
            + Part("BYMONTH", Months) + Part("BYDAY", Days.Select(day => Weekdays[day])) + Part("BYHOUR", Hours) + Part("BYMINUTE", Minutes);

        public bool Has(DateTime wall) => Admits(Months, wall.Month) && Admits(Days, (int)wall.DayOfWeek) && Admits(Hours, wall.Hour) && Admits(Minutes, wall.Minute);

        private static bool Admits(int[] chosen, int value) => chosen.Length == 0 || chosen.Contains(value);

        private static string Part<T>(string name, IEnumerable<T> values) => values.Any() ? $";{name}={string.Join(',', values)}" : "";
    }
}
