using System.Globalization;
using System.Text.RegularExpressions;
using TodoFlow.Domain.Calendar;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>What a date of Todoist says.</summary>
/// <param name="Due">When the task is due.</param>
/// <param name="Recurrence">How it repeats; null where it does not.</param>
/// <param name="FromCompletion">Whether it repeats from its completion (<c>every!</c>).</param>
internal sealed record TodoistDate(DueDate Due, string? Recurrence, bool FromCompletion);

/// <summary>
/// Reads the dates that Todoist writes into its backups, in English: a date with or without a time of day, and the usual ways to say
/// <c>every</c>. The rest of its language is not read.
/// </summary>
/// <param name="zone">The zone in which they are meant.</param>
/// <param name="now">The time of the import, UTC.</param>
internal sealed partial class TodoistDates(TimeZoneInfo zone, DateTimeOffset now)
{
    private const int Longest = 200; // characters, of which none says a date in more

    private static readonly string[] Dates =
        ["yyyy-M-d", "d MMM yyyy", "d MMMM yyyy", "MMM d yyyy", "MMMM d yyyy", "MMM d, yyyy", "MMMM d, yyyy", "d MMM", "d MMMM", "MMM d", "MMMM d"];

    private static readonly string[] Times = ["H:mm", "h:mmtt", "h:mm tt", "htt", "h tt"];

    private static readonly string[] Days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    /// <summary>The zone in which they are meant.</summary>
    public TimeZoneInfo Zone { get; } = zone;

    private DateOnly Today { get; } = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);

    /// <summary>Reads one; null where it is not understood.</summary>
    public TodoistDate? Read(string text)
    {
        if (text.Length > Longest || Parts().Match(text.Trim()) is not { Success: true } parts)
        {
            return null;
        }

        TimeOnly? time = null;
        if (parts.Groups["time"] is { Success: true } written)
        {
            if (!TimeOnly.TryParseExact(written.Value, Times, CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed))
            {
                return null;
            }

            time = parsed;
        }

        var what = parts.Groups["what"].Value.Trim();
        var every = Every().Match(what);
        var (date, rule) = every.Success ? Repeat(every.Groups["each"].Value.Trim()) : (OnDate(what), null);
        return date is not { } day ? null
            : new(
                time is { } at ? WrittenDueDate.Of(WallTime.At(day.ToDateTime(at))).In(Zone) : DueDate.On(day),
                rule,
                every.Success && every.Groups["completed"].Success);
    }

    private DateOnly? OnDate(string text) => text.ToUpperInvariant() switch
    {
        "TODAY" => Today,
        "TOMORROW" => Today.AddDays(1),
        _ when DateOnly.TryParseExact(text, Dates, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) =>
            date.Year < 2 || date.Year > 9998 ? null
            : Year().IsMatch(text) ? date
            : new DateOnly(Today.Year, date.Month, Math.Min(date.Day, DateTime.DaysInMonth(Today.Year, date.Month))) is var next && next < Today ? next.AddYears(1) : next,
        _ => null,
    };

    // The rule, and the first day that it has, today among them.
    private (DateOnly? First, string? Rule) Repeat(string each)
    {
        var words = each.ToUpperInvariant();
        switch (words)
        {
            case "DAY":
                return (Today, "daily");
            case "WEEK":
                return (Today, "weekly");
            case "MONTH":
                return (Today, "monthly");
            case "YEAR":
                return (Today, "yearly");
            case "WEEKDAY" or "WORKDAY":
                return (Next(DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday), "weekdays");
        }

        if (Interval().Match(words) is { Success: true } interval)
        {
            var number = interval.Groups["number"].Value is "OTHER" ? "2" : interval.Groups["number"].Value;
            var unit = interval.Groups["unit"].Value switch { "DAY" => "DAILY", "WEEK" => "WEEKLY", "MONTH" => "MONTHLY", _ => "YEARLY" };
            return (Today, $"FREQ={unit};INTERVAL={number}");
        }

        if (DayOfMonth().Match(words) is { Success: true } ofMonth && int.Parse(ofMonth.Groups["day"].ValueSpan, CultureInfo.InvariantCulture) is >= 1 and <= 28 and var day)
        {
            var first = new DateOnly(Today.Year, Today.Month, day);
            return (first < Today ? first.AddMonths(1) : first, $"FREQ=MONTHLY;BYMONTHDAY={day}");
        }

        var days = words.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(Weekday).ToList();
        return days.Count > 0 && !days.Contains(null)
            ? (Next([.. days.Select(name => name!.Value)]), $"FREQ=WEEKLY;BYDAY={string.Join(',', days.Select(name => $"{name}"[..2].ToUpperInvariant()))}")
            : (null, null);
    }

    private DateOnly Next(params DayOfWeek[] days) => Enumerable.Range(0, 7).Select(Today.AddDays).First(day => days.Contains(day.DayOfWeek));

    private static DayOfWeek? Weekday(string name) =>
        name.Length >= 3 && Array.FindIndex(Days, day => day.StartsWith(name, StringComparison.OrdinalIgnoreCase)) is >= 0 and var found ? (DayOfWeek)found : null;

    [GeneratedRegex(@"^(?<what>.+?)(\s+(at\s+)?@?(?<time>\d{1,2}(:\d{2})?\s?([ap]m)|\d{1,2}:\d{2}))?\z", RegexOptions.IgnoreCase)]
    private static partial Regex Parts();

    [GeneratedRegex(@"^every(?<completed>!)?\s+(?<each>.+)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Every();

    [GeneratedRegex(@"\b\d{4}\b")]
    private static partial Regex Year();

    [GeneratedRegex(@"^(?<number>[1-9]\d{0,2}|OTHER)\s+(?<unit>DAY|WEEK|MONTH|YEAR)S?\z")]
    private static partial Regex Interval();

    [GeneratedRegex(@"^(?<day>\d{1,2})(ST|ND|RD|TH)?\z")]
    private static partial Regex DayOfMonth();
}
