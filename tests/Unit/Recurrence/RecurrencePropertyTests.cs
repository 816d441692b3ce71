using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;

namespace TodoFlow.Tests.Unit.Recurrence;

/// <summary>What holds for every rule, zone and time. A failure prints the seed that replays it: <c>[Property(Replay = "…")]</c>.</summary>
[Properties(MaxTest = 300)]
public sealed class RecurrencePropertyTests
{
    internal static readonly string[] Zones =
    [
        "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Santiago", "Asia/Kolkata", "Africa/Casablanca",
    ];

    private static readonly string[] Weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

    [Property]
    public Property The_next_occurrence_is_after_the_due_date_and_the_completion() => ForAll(Completions(), example =>
    {
        var (series, current, completedAt) = example;
        if (series.Next(current, completedAt) is not { } next)
        {
            return true;
        }

        var bounds = series.Basis == RecurrenceBasis.Due ? new[] { current.Due.DueAt(series.Zone), completedAt } : [completedAt];
        return next.Due.AllDay == series.Anchor.AllDay && next.Number == current.Number + 1 && bounds.All(bound => series.Anchor.AllDay
            ? next.Due.Date > DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(bound, series.Zone).DateTime)
            : next.Due.Instant > bound);
    });

    [Property]
    public Property A_preview_equals_completing_step_by_step() => ForAll(Completions(), example =>
    {
        var (series, current, completedAt) = example;
        var steps = new List<SeriesOccurrence>();
        var ended = false;
        for (var (step, at) = (current, completedAt); steps.Count < 12 && !ended; at = step.Due.DueAt(series.Zone))
        {
            var next = series.Next(step, at);
            ended = next is null;
            if (next is not null)
            {
                steps.Add(step = next);
            }
        }

        var preview = series.Preview(current, completedAt, 12);
        return preview.Occurrences.SequenceEqual(steps) && preview.Ended == ended;
    });

    [Property]
    public Property The_same_completion_gives_the_same_next() => ForAll(Completions(), example =>
        Equals(example.Series.Next(example.Current, example.CompletedAt), example.Series.Next(example.Current, example.CompletedAt)));

    [Property]
    public Property A_late_completion_skips_to_the_first_occurrence_that_is_ahead() => ForAll(Completions(), example =>
    {
        var (series, current, completedAt) = example;
        var onTime = series.Preview(current, null, 100);
        var ahead = series.Basis == RecurrenceBasis.Completion ? null : onTime.Occurrences.FirstOrDefault(occurrence => series.Anchor.AllDay
            ? occurrence.Due.Date > DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(completedAt, series.Zone).DateTime)
            : occurrence.Due.Instant > completedAt);
        return series.Basis == RecurrenceBasis.Completion
            || (ahead is null && !onTime.Ended)
            || series.Next(current, completedAt)?.Due == ahead?.Due;
    });

    [Property]
    public Property Clamping_never_drifts() => ForAll(
        from start in Days()
        from rule in Gen.Elements("monthly", "yearly")
        select (start, rule),
        example =>
        {
            var (start, rule) = example;
            var series = Series.Of(rule, $"{start:yyyy-MM-dd}", "UTC");
            var months = rule == "monthly" ? 1 : 12;
            return series.Preview(series.First(), null, 50).Occurrences.Select((occurrence, i) =>
                occurrence.Due.Date == start.AddMonths((i + 1) * months)
                && (occurrence.Note == OccurrenceNote.Clamped) == (occurrence.Due.Date.Value.Day < start.Day)).All(right => right);
        });

    [Property]
    public Property Count_is_the_total_missed_members_included() => ForAll(
        from start in Starts()
        from rule in Rules()
        from count in Gen.Choose(1, 30)
        from lateDays in Gen.Choose(0, 60)
        where !rule.Contains("COUNT") && !rule.Contains("UNTIL") && rule.Contains('=')
        select (start, rule, count, lateDays),
        example =>
        {
            var endless = Series.Of(example.rule, example.start, "UTC");
            var counted = Series.Of($"{example.rule};COUNT={example.count}", example.start, "UTC");
            var all = endless.Preview(endless.First(), null, example.count - 1).Occurrences;
            var late = all.Count == 0 ? endless.First().Due.DueAt(TimeZoneInfo.Utc) : all[^1].Due.DueAt(TimeZoneInfo.Utc).AddDays(-example.lateDays);
            return counted.Preview(counted.First(), null, 40) is { Ended: true } preview
                && preview.Occurrences.SequenceEqual(all)
                && counted.Next(counted.First(), late)?.Due == all.FirstOrDefault(occurrence => counted.Anchor.AllDay
                    ? occurrence.Due.Date > DateOnly.FromDateTime(late.UtcDateTime)
                    : occurrence.Due.Instant > late)?.Due;
        });

    [Property]
    public Property A_moved_occurrence_is_followed_by_a_member_of_the_unmoved_series() => ForAll(
        from example in Completions()
        from hours in Gen.Choose(-1000, 1000)
        where example.Series.Basis == RecurrenceBasis.Due
        select (example, hours),
        moved =>
        {
            var ((series, current, completedAt), hours) = moved;
            var due = series.Anchor.AllDay
                ? DueDate.On(current.Due.Date!.Value.AddDays(hours / 24))
                : DueDate.At(current.Due.Instant!.Value.AddHours(hours));
            var next = series.Next(current with { Due = due }, completedAt);
            var later = new[] { due.DueAt(series.Zone), current.Due.DueAt(series.Zone), completedAt }.Max();
            return Equals(next, series.Next(current, later));
        });

    // Independent of the engine: walks every day from the anchor and asks of each whether it is a member.
    [Property]
    public Property Common_rules_agree_with_a_walk_over_every_day() => ForAll(
        from start in Days()
        from frequency in Gen.Elements("DAILY", "WEEKLY", "MONTHLY")
        from interval in Gen.Choose(1, 5)
        from weekdays in Gen.SubListOf(Enumerable.Range(0, 7))
        from monthDays in Gen.SubListOf([1, 2, 13, 28, 29, 30, 31, -1, -2, -31])
        select new OracleRule(start, frequency, interval, [.. weekdays], frequency == "WEEKLY" ? [] : [.. monthDays]),
        rule =>
        {
            var series = Series.Of(rule.ToString(), $"{rule.Start:yyyy-MM-dd}", "UTC");
            var dates = series.Preview(series.First(), null, 25).Occurrences.Select(occurrence => occurrence.Due.Date!.Value).ToList();
            var walked = Enumerable.Range(1, 3000).Select(rule.Start.AddDays).Where(rule.Has).Take(25).ToList();
            return walked.SequenceEqual(dates.TakeWhile(date => date <= rule.Start.AddDays(3000)));
        });

    private static Property ForAll<T>(Gen<T> generator, Func<T, bool> holds) => Prop.ForAll(generator.ToArbitrary(), holds);

    private static Gen<Completion> Completions() =>
        from zone in Gen.Elements(Zones)
        from start in Starts()
        from rule in Gen.OneOf(Rules(), Gen.Elements("daily", "weekdays", "weekly", "monthly", "yearly"))
        from basis in Gen.Frequency((3, Gen.Constant(RecurrenceBasis.Due)), (1, Gen.Constant(RecurrenceBasis.Completion)))
        from steps in Gen.Choose(0, 5)
        from lateMinutes in Gen.OneOf(Gen.Choose(-3000, 3000), Gen.Choose(0, 100_000))
        let series = Series.Of(rule, start, zone, basis)
        let current = (SeriesOccurrence[])[series.First(), .. series.Preview(series.First(), null, steps).Occurrences]
        select new Completion(series, current[^1], current[^1].Due.DueAt(series.Zone).AddMinutes(lateMinutes));

    // Days, preferably shortly before clocks change somewhere or a month ends.
    private static Gen<DateOnly> Days() =>
        from around in Gen.Elements("2011-12-28", "2026-03-07", "2026-03-28", "2026-04-04", "2026-09-05", "2026-10-03", "2026-10-24", "2026-10-31", "2028-02-28", "2026-01-30")
        from days in Gen.Choose(-30, 3)
        select DateOnly.Parse(around).AddDays(days);

    internal static Gen<string> Starts() =>
        from day in Days()
        from time in Gen.Elements("", "T00:00", "T00:30", "T01:15", "T01:45", "T02:00", "T02:15", "T02:30", "T03:00", "T09:00", "T23:59:59")
        select $"{day:yyyy-MM-dd}{time}";

    internal static Gen<string> Rules() =>
        from frequency in Gen.Elements("HOURLY", "MINUTELY", "DAILY", "DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY")
        from interval in Gen.Choose(1, 40)
        from months in List("BYMONTH", Gen.Choose(1, 12).Select(month => $"{month}"))
        from monthDays in List("BYMONTHDAY", Gen.Choose(1, 31).Select(day => $"{day}"))
        from days in List("BYDAY", Gen.Elements(Weekdays))
        from ordinals in List("BYDAY", from ordinal in Gen.Elements("1", "2", "4", "-1", "") from day in Gen.Elements(Weekdays) select ordinal + day)
        from hours in List("BYHOUR", Gen.Choose(0, 23).Select(hour => $"{hour}"))
        from minutes in List("BYMINUTE", Gen.Choose(0, 59).Select(minute => $"{minute}"))
        from position in Gen.Elements("", "", "", ";BYSETPOS=1", ";BYSETPOS=-1", ";BYSETPOS=2,-1")
        from end in Gen.Elements("", "", "", ";COUNT=7", ";UNTIL=20260401", ";UNTIL=20261231T120000Z")
        let parts = months + (frequency == "WEEKLY" ? "" : monthDays) + (frequency is "MONTHLY" or "YEARLY" ? ordinals : days) + hours + minutes
        select $"FREQ={frequency};INTERVAL={(frequency is "HOURLY" or "MINUTELY" ? interval * 17 : (interval % 6) + 1)}{parts}{(parts.Length > 0 ? position : "")}{end}";

    // A part with one to three values in one rule of four, otherwise nothing.
    private static Gen<string> List(string name, Gen<string> item) => Gen.Frequency(
        (3, Gen.Constant("")),
        (1, Gen.Choose(1, 3).SelectMany(length => item.ArrayOf(length)).Select(items => $";{name}={string.Join(',', items)}")));

    private sealed record Completion(RecurrenceSeries Series, SeriesOccurrence Current, DateTimeOffset CompletedAt)
    {
        public override string ToString() =>
            $"{Series.Rule} by {Series.Basis} from {Series.Anchor} in {Series.Zone.Id}: {Current}, completed at {CompletedAt:O}";
    }

    private sealed record OracleRule(DateOnly Start, string Frequency, int Interval, int[] Weekdays, int[] MonthDays)
    {
        public bool Has(DateOnly date)
        {
            var periods = Frequency switch
            {
                "DAILY" => date.DayNumber - Start.DayNumber,
                "WEEKLY" => (MondayOf(date) - MondayOf(Start)) / 7,
                _ => ((date.Year - Start.Year) * 12) + date.Month - Start.Month,
            };
            var length = DateTime.DaysInMonth(date.Year, date.Month);
            var named = Weekdays.Length + MonthDays.Length > 0;
            return periods % Interval == 0
                && (Weekdays.Length == 0 || Weekdays.Contains(Weekday(date)))
                && (MonthDays.Length == 0 || MonthDays.Contains(date.Day) || MonthDays.Contains(date.Day - length - 1))
                && (named || Frequency != "WEEKLY" || Weekday(date) == Weekday(Start))
                && (named || Frequency != "MONTHLY" || date.Day == Start.Day);
        }

        public override string ToString() => $"FREQ={Frequency};INTERVAL={Interval}"
            + (Weekdays.Length > 0 ? ";BYDAY=" + string.Join(',', Weekdays.Select(day => RecurrencePropertyTests.Weekdays[day])) : "")
            + (MonthDays.Length > 0 ? ";BYMONTHDAY=" + string.Join(',', MonthDays) : "");

        private static int Weekday(DateOnly date) => ((int)date.DayOfWeek + 6) % 7;

        private static int MondayOf(DateOnly date) => date.DayNumber - Weekday(date);
    }
}
