using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Evaluation;
using TodoFlow.Domain.Recurrence;
using Xunit;

namespace TodoFlow.Tests.Unit.Recurrence;

/// <summary>
/// The engine agrees with that of others, Ical.Net. What differs on purpose is not compared: <c>monthly</c> and <c>yearly</c> clamp to the
/// end of a month; a series begins with its anchor even where the rule does not hold it, which RFC 5545 leaves undefined; a task that is
/// due all day recurs on the days of members by the hour; UNTIL may be a date where the anchor has a time. Rules by the hour or minute, BYHOUR
/// and BYMINUTE are compared where clocks do not change: Ical.Net 5.2.4 does not end in an hour that comes twice, or leaves one out after it. Three more differences are
/// Ical.Net's: a date that a zone left out, as Samoa did 2011-12-30, is a member
/// (ClockChangeTests hold ours); a yearly BYMONTHDAY without BYMONTH stays in the anchor's month, where RFC 5545 (3.3.10, its table) expands the year; and
/// a value that is written twice counts twice towards COUNT.
/// </summary>
public sealed class RecurrenceOracleTests
{
    private const int Compared = 12;

    // Until when both know the same of zones: Ical.Net brings data of its own (NodaTime's), which reckons Chile's rules on differently.
    private static readonly DateTime Known = new(2037, 1, 1);

    private static readonly Dictionary<string, string> Aliases = new()
    {
        ["daily"] = "FREQ=DAILY",
        ["weekly"] = "FREQ=WEEKLY",
        ["weekdays"] = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    };

    public static TheoryData<string, string, string, string, string> Cases()
    {
        var cases = new TheoryData<string, string, string, string, string>();
        foreach (var row in RecurrenceCasesTests.Rows().Select(row => Array.ConvertAll(row, cell => (string)cell)))
        {
            var rule = Aliases.GetValueOrDefault(row[0], row[0]);
            if (row[1] == "due" && rule.StartsWith("FREQ", StringComparison.Ordinal))
            {
                cases.Add(rule, row[2], row[3], row[4], row[5]);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_decided_case_is_decided_alike(string rule, string zone, string anchor, string due, string completedAt)
    {
        var series = Series.Of(rule, anchor, zone);
        var (from, completed) = (series.DueAtWall(due), series.DueAtWall(completedAt));

        var next = series.Next(series.DueAt(from), completed.DueAt(series.Zone));

        var last = string.CompareOrdinal(from.Text, completed.Text) > 0 ? from : completed; // of one kind and in one zone
        var after = series.Anchor.AllDay ? last.Date!.Value.ToDateTime(TimeOnly.MaxValue) : last.DueAt(series.Zone).UtcDateTime;
        Assert.Equal(Theirs(rule, anchor, zone).Cast<DateTime?>().FirstOrDefault(member => member > after), next is null ? null : Time(next, series));
    }

    [Property(MaxTest = 500)]
    public Property A_rule_of_RFC_5545_has_the_same_members() => Prop.ForAll(Examples().ToArbitrary(), example =>
    {
        var (rule, anchor, zone) = example;
        var series = Series.Of(rule, anchor, zone);
        var ours = series.Preview(series.First(), null, Compared).Occurrences.Select(occurrence => Time(occurrence, series)).Prepend(Time(series.First(), series)).ToList();
        var theirs = Theirs(rule, anchor, zone).Take(ours.Count).TakeWhile(time => time < Known).ToList();
        return ours.TakeWhile(time => time < Known).SequenceEqual(theirs).Label($"{rule} from {anchor} in {zone}\nours   {string.Join(' ', ours.Select(Text))}\ntheirs {string.Join(' ', theirs.Select(Text))}");
    });

    // Rules that both read alike, from an anchor that is a member.
    private static Gen<(string Rule, string Anchor, string Zone)> Examples() =>
        from rule in RecurrencePropertyTests.Rules()
        from start in RecurrencePropertyTests.Starts()
        from zone in Gen.Elements(RecurrencePropertyTests.Zones)
        let allDay = !start.Contains('T')
        let inDay = rule.Contains("HOUR") || rule.Contains("MINUTE")
        where !inDay || zone is "UTC" or "Asia/Kolkata"
        where !allDay || !inDay
        where !allDay || zone != "Pacific/Apia"
        where !rule.Contains("UNTIL") || rule.EndsWith('Z') == !allDay
        where !(rule.Contains("YEARLY") && rule.Contains("BYMONTHDAY") && !rule.Contains("BYMONTH="))
        where rule.Split(';').All(part => part.Split('=')[1].Split(',') is var values && values.Distinct().Count() == values.Length)
        where Begins(rule, start, zone)
        select (rule, start, zone);

    private static bool Begins(string rule, string anchor, string zone)
    {
        var series = Series.Of(rule, anchor, zone);
        try
        {
            return Theirs(rule, anchor, zone).Take(1).SequenceEqual([Time(series.First(), series)]);
        }
        catch (Exception error) when (error is EvaluationLimitExceededException or EvaluationOutOfRangeException)
        {
            return false; // such as 30 February
        }
    }

    // A date is midnight; a time is in UTC.
    private static DateTime Time(SeriesOccurrence occurrence, RecurrenceSeries series) => occurrence.Due.AllDay
        ? occurrence.Due.Date!.Value.ToDateTime(TimeOnly.MinValue)
        : occurrence.Due.DueAt(series.Zone).UtcDateTime;

    private static IEnumerable<DateTime> Theirs(string rule, string anchor, string zone)
    {
        var start = DateTime.Parse(anchor, CultureInfo.InvariantCulture);
        var allDay = !anchor.Contains('T');
        var calendar = new CalendarEvent
        {
            DtStart = allDay ? new CalDateTime(DateOnly.FromDateTime(start)) : new CalDateTime(start, zone, true),
            RecurrenceRule = new Ical.Net.DataTypes.RecurrenceRule(rule),
        };
        return calendar.GetOccurrences(options: new EvaluationOptions { MaxUnmatchedIncrementsLimit = 100_000 })
            .Select(occurrence => occurrence.Period.StartTime)
            .Select(time => allDay ? time.Value : time.AsUtc);
    }

    private static string Text(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
}
