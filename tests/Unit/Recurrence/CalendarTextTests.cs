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

/// <summary>Recurrences as calendars export them: several lines, DTSTART, EXDATE (RFC 5545 sections 3.1, 3.8.2.4, 3.8.5.1).</summary>
public sealed class CalendarTextTests
{
    [Theory]
    [InlineData("FREQ=DAILY;", "FREQ=DAILY")]
    [InlineData("RRULE:FREQ=DAILY;INTERVAL=2;;", "RRULE:FREQ=DAILY;INTERVAL=2")]
    [InlineData("rrule:freq=weekly;byday=mo;", "rrule:freq=weekly;byday=mo")]
    [InlineData("DTSTART:20260302T080000Z\nRRULE:FREQ=DAILY", "RRULE:FREQ=DAILY")]
    [InlineData("DTSTART;TZID=Europe/Berlin:20260302T090000\r\nRRULE:FREQ=WEEKLY;BYDAY=MO\r\n", "RRULE:FREQ=WEEKLY;BYDAY=MO")]
    [InlineData("dtstart;tzid=\"europe/berlin\":20260302t090000\nfreq=daily", "freq=daily")]
    [InlineData("DTSTART;VALUE=DATE:20260302\nRRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:20260303,20260305", "RRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:20260303,20260305")]
    [InlineData("RRULE:FREQ=DAILY\nEXDATE:20260303T080000Z\nEXDATE:20260304T080000Z", "RRULE:FREQ=DAILY\nEXDATE:20260303T080000Z,20260304T080000Z")]
    [InlineData("EXDATE;TZID=Europe/Berlin:20260303T090000\nRRULE:FREQ=DAILY", "RRULE:FREQ=DAILY\nEXDATE:20260303T080000Z")]
    [InlineData("Weekly\nEXDATE:20260303T090000", "weekly\nEXDATE:20260303T090000")]
    [InlineData("RRULE:FREQ=WEEKLY;BYDAY=MO,\r\n TU,WE", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE")] // a folded line
    [InlineData("RRULE:FREQ=DAILY\nEXDATE:20260303T090000,20260303T080000Z", "RRULE:FREQ=DAILY\nEXDATE:20260303T090000\nEXDATE:20260303T080000Z")]
    [InlineData("RRULE:FREQ=DAILY\nexdate;value=date:20260303\nEXDATE;VALUE=DATE:20260303", "RRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:20260303")]
    [InlineData("DTSTART;VALUE=DATE-TIME:20260302T090000\nRRULE:FREQ=DAILY", "RRULE:FREQ=DAILY")]
    public void What_a_calendar_exports_is_read_and_stored_in_one_form(string text, string stored)
    {
        Assert.True(RecurrenceRule.TryParse(text, out var rule, out var error), error);
        Assert.Equal(stored, rule.Text);
        Assert.Equal(stored, RecurrenceRule.Parse(stored).Text);
    }

    [Theory]
    [InlineData("RRULE:FREQ=DAILY\nRDATE:20260303T080000Z", "RDATE:20260303T080000Z: RDATE cannot be kept")]
    [InlineData("RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY", "EXRULE:FREQ=WEEKLY: EXRULE cannot be kept")]
    [InlineData("BEGIN:VEVENT\nRRULE:FREQ=DAILY\nEND:VEVENT", "BEGIN:VEVENT: BEGIN cannot be kept")]
    [InlineData("DTSTART:20260302T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY", "DURATION:PT1H: DURATION cannot be kept")]
    [InlineData("RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", "RRULE:FREQ=WEEKLY: a rule is given twice")]
    [InlineData("FREQ=DAILY\nFREQ=WEEKLY", "FREQ=WEEKLY: a rule is given twice")]
    [InlineData("RRULE;X-A=1:FREQ=DAILY", "RRULE;X-A=1:FREQ=DAILY: RRULE has no parameters")]
    [InlineData("DTSTART:20260302T080000Z", "RRULE: is missing")]
    [InlineData("EXDATE:20260302T080000Z", "RRULE: is missing")]
    [InlineData("DTSTART:20260302\nDTSTART:20260303\nRRULE:FREQ=DAILY", "DTSTART:20260303: DTSTART is given twice")]
    [InlineData("DTSTART;TZID=Mars/Olympus:20260302T080000\nRRULE:FREQ=DAILY", "DTSTART;TZID=Mars/Olympus: is no IANA time zone")]
    [InlineData("DTSTART;TZID=posixrules:20260302T080000\nRRULE:FREQ=DAILY", "DTSTART;TZID=posixrules: is no IANA time zone")]
    [InlineData("DTSTART;X-A=1:20260302T080000\nRRULE:FREQ=DAILY", "DTSTART;X-A=1: cannot be kept")]
    [InlineData("DTSTART;VALUE=PERIOD:20260302T080000/PT1H\nRRULE:FREQ=DAILY", "DTSTART;VALUE=PERIOD: cannot be kept")]
    [InlineData("DTSTART:2026-03-02\nRRULE:FREQ=DAILY", "DTSTART:2026-03-02: must be a date")]
    [InlineData("RRULE:FREQ=DAILY\nEXDATE:20260303,", "EXDATE:: must be a date")]
    [InlineData("RRULE:FREQ=DAILY\nEXDATE:20260230", "EXDATE:20260230: must be a date")]
    [InlineData("RRULE:FREQ=DAILY\nEXDATE:99991231T235959Z", "EXDATE:99991231T235959Z: must lie between the years")]
    [InlineData("RRULE:FREQ=DAILY;X=1\nEXDATE:20260303", "X=1: X is no part")]
    public void What_cannot_be_kept_is_named(string text, string error)
    {
        Assert.False(RecurrenceRule.TryParse(text, out _, out var message));
        Assert.StartsWith(error, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FREQ=DAILY\nEXDATE:20260303T080000Z", "2026-03-02T09:00", "2026-03-04T09:00:00+01:00 2026-03-05T09:00:00+01:00")]
    [InlineData("FREQ=DAILY\nEXDATE:20260303T090000,20260304T090000", "2026-03-02T09:00", "2026-03-05T09:00:00+01:00")]
    [InlineData("FREQ=DAILY\nEXDATE;TZID=America/New_York:20260303T030000", "2026-03-02T09:00", "2026-03-04T09:00:00+01:00")]
    [InlineData("FREQ=DAILY\nEXDATE;VALUE=DATE:20260303", "2026-03-02T09:00", "2026-03-04T09:00:00+01:00")] // all of the day
    [InlineData("FREQ=DAILY;BYHOUR=9,18\nEXDATE;VALUE=DATE:20260303", "2026-03-02T18:00", "2026-03-04T09:00:00+01:00")]
    [InlineData("FREQ=DAILY\nEXDATE:20260303T090001", "2026-03-02T09:00", "2026-03-03T09:00:00+01:00")] // no member
    [InlineData("FREQ=DAILY;COUNT=3\nEXDATE:20260303T090000", "2026-03-02T09:00", "2026-03-04T09:00:00+01:00 ended")] // COUNT counts it
    [InlineData("FREQ=DAILY;UNTIL=20260304\nEXDATE:20260303T090000,20260304T090000", "2026-03-02T09:00", "ended")]
    [InlineData("FREQ=DAILY\nEXDATE;VALUE=DATE:20260303", "2026-03-02", "2026-03-04 2026-03-05")]
    [InlineData("FREQ=DAILY\nEXDATE:20260303T000000Z", "2026-03-02", "2026-03-04 2026-03-05")] // a time in a series of days
    [InlineData("weekly\nEXDATE;VALUE=DATE:20260309,20260323", "2026-03-02", "2026-03-16 2026-03-30")]
    [InlineData("monthly\nEXDATE;VALUE=DATE:20260228", "2026-01-31", "2026-03-31 2026-04-30")]
    [InlineData("FREQ=HOURLY\nEXDATE:20261025T003000Z", "2026-10-25T01:30", "2026-10-25T02:30:00+01:00 2026-10-25T03:30:00+01:00")] // one of the two
    [InlineData("FREQ=HOURLY\nEXDATE:20261025T023000", "2026-10-25T01:30", "2026-10-25T03:30:00+01:00")] // both
    [InlineData("FREQ=SECONDLY\nEXDATE;VALUE=DATE:20260303,20260304", "2026-03-02T23:59:59", "2026-03-05T00:00:00+01:00")]
    [InlineData("FREQ=DAILY\nEXDATE:20260329T023000", "2026-03-28T02:30", "2026-03-30T02:30:00+02:00")] // in the gap, by its wall time
    public void What_is_excluded_is_left_out(string rule, string anchor, string expected)
    {
        var texts = expected.Split(' ');
        Assert.Equal(texts, Series.Of(rule, anchor).Texts(texts.Length));
    }

    [Fact]
    public void Counted_from_completion_an_excluded_day_is_passed_over() =>
        Assert.Equal("2026-03-08", Series.Of("FREQ=DAILY;INTERVAL=2\nEXDATE;VALUE=DATE:20260306", "2026-03-02", basis: RecurrenceBasis.Completion)
            .Next(Series.Of("daily", "2026-03-02").First(), Series.Instant("2026-03-04T10:00+01:00"))?.Due.Text);

    [Theory]
    [InlineData("DTSTART;VALUE=DATE:20260302", "UTC", "2026-03-02", null)]
    [InlineData("DTSTART:20260302T080000Z", "Europe/Berlin", "2026-03-02T09:00:00", null)]
    [InlineData("DTSTART;TZID=europe/BERLIN:20260302T090000", "Europe/Berlin", "2026-03-02T09:00:00", "Europe/Berlin")]
    [InlineData("DTSTART:20260302T090000", "Asia/Tokyo", "2026-03-02T09:00:00", null)]
    public void A_series_begins_at_DTSTART(string line, string zone, string anchor, string? startZone)
    {
        var rule = RecurrenceRule.Parse($"{line}\nRRULE:FREQ=DAILY");

        Assert.Equal((anchor, startZone), (rule.StartIn(TimeZoneInfo.FindSystemTimeZoneById(zone)).ToString(), rule.StartZone));
        Assert.Null(RecurrenceRule.Parse(rule.Text).StartIn(TimeZoneInfo.Utc));
    }

    [Property(MaxTest = 200)]
    public Property Excluded_dates_are_those_that_Ical_Net_leaves_out() => Prop.ForAll(Examples().ToArbitrary(), example =>
    {
        var (rule, start, days) = example;
        var excluded = days.Select(day => start.AddDays(day)).ToList();
        var text = $"{rule}\nEXDATE;VALUE=DATE:{string.Join(',', excluded.Select(date => date.ToString("yyyyMMdd", CultureInfo.InvariantCulture)))}";
        var calendar = new CalendarEvent { DtStart = new CalDateTime(start), RecurrenceRule = new Ical.Net.DataTypes.RecurrenceRule(rule) };
        excluded.ForEach(date => calendar.ExceptionDates.Add(new CalDateTime(date)));
        var theirs = calendar.GetOccurrences().Select(occurrence => occurrence.Period.StartTime.Date).Where(date => date > start).Take(10).ToList();

        var series = Series.Of(text, $"{start:yyyy-MM-dd}");
        var ours = series.Preview(series.First(), null, 10).Occurrences.Select(occurrence => occurrence.Due.Date!.Value).ToList();
        return ours.SequenceEqual(theirs).Label($"{text} from {start}\nours   {string.Join(' ', ours)}\ntheirs {string.Join(' ', theirs)}");
    });

    private static Gen<(string Rule, DateOnly Start, List<int> Days)> Examples() =>
        from rule in Gen.Elements("FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=DAILY;COUNT=8", "FREQ=DAILY;UNTIL=20260320", "FREQ=WEEKLY;BYDAY=MO,TH,SU")
        from start in Gen.Choose(0, 6).Select(day => new DateOnly(2026, 3, 1).AddDays(day))
        from days in Gen.NonEmptyListOf(Gen.Choose(1, 25))
        where !rule.Contains("BYDAY") || start.DayOfWeek is DayOfWeek.Monday or DayOfWeek.Thursday or DayOfWeek.Sunday
        select (rule, start, days.Take(12).ToList());
}
