using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using TodoFlow.Domain.Calendar;

namespace TodoFlow.Domain.Recurrence;

/// <summary>
/// How a task repeats: an alias (<c>none</c>, <c>daily</c>, <c>weekdays</c>, <c>weekly</c>, <c>monthly</c>, <c>yearly</c>) or a
/// recurrence rule of RFC 5545 section 3.3.10. The aliases <c>monthly</c> and <c>yearly</c> clamp to the month's last day;
/// a written-out rule skips dates that do not exist, as the RFC says. Immutable.
/// </summary>
public sealed class RecurrenceRule
{
    /// <summary>The longest text that is read, in characters, lines with DTSTART and EXDATE included.</summary>
    public const int MaxLength = 4000;

    /// <summary>The longest rule in it.</summary>
    internal const int MaxRuleLength = 500;

    internal RecurrenceRule(string text) => Text = text;

    /// <summary>No recurrence.</summary>
    public static RecurrenceRule None { get; } = new("none") { IsNone = true, Frequency = Frequency.Daily };

    /// <summary>
    /// What to store: the rule as it was sent, without space or semicolons around it, an alias in lower case; and below it, each in a line
    /// of its own, the EXDATE of dates, local times and instants. Not DTSTART, which becomes the anchor of the series.
    /// </summary>
    public string Text { get; }

    /// <summary>The IANA zone of a DTSTART line; null where it has none.</summary>
    public string? StartZone { get; init; }

    /// <summary>Whether this is <c>none</c>: a series of one.</summary>
    public bool IsNone { get; private init; }

    internal bool Clamps { get; init; }

    internal Frequency Frequency { get; init; }

    internal int Interval { get; init; } = 1;

    internal int? Count { get; init; }

    internal RecurrenceTime? Start { get; init; }

    internal RecurrenceTime? Until { get; init; }

    internal Exclusions Excluded { get; init; } = Exclusions.None;

    internal DayOfWeek WeekStart { get; init; } = DayOfWeek.Monday;

    // Lists are empty where the rule has no such part.
    internal IReadOnlyList<int> ByMonth { get; init; } = [];

    internal IReadOnlyList<int> ByWeekNo { get; init; } = [];

    internal IReadOnlyList<int> ByYearDay { get; init; } = [];

    internal IReadOnlyList<int> ByMonthDay { get; init; } = [];

    internal IReadOnlyList<OrdinalDay> ByDay { get; init; } = [];

    internal IReadOnlyList<int> ByHour { get; init; } = [];

    internal IReadOnlyList<int> ByMinute { get; init; } = [];

    internal IReadOnlyList<int> BySecond { get; init; } = [];

    internal IReadOnlyList<int> BySetPos { get; init; } = [];

    /// <summary>
    /// Reads an alias or an RRULE, with or without the <c>RRULE:</c> prefix, in any case; and lines with DTSTART and EXDATE around it, as
    /// calendars export them (RFC 5545 sections 3.1, 3.8.2.4 and 3.8.5.1).
    /// </summary>
    /// <exception cref="FormatException">The text is no rule; the message names the part that is wrong.</exception>
    public static RecurrenceRule Parse(string text) =>
        TryParse(text, out var rule, out var error) ? rule : throw new FormatException(error);

    /// <summary>
    /// Reads an alias or an RRULE, with or without the <c>RRULE:</c> prefix, in any case; and lines with DTSTART and EXDATE around it, as
    /// calendars export them (RFC 5545 sections 3.1, 3.8.2.4 and 3.8.5.1).
    /// </summary>
    /// <param name="text">The text to read.</param>
    /// <param name="rule">The rule, or null.</param>
    /// <param name="error">
    /// What is wrong, beginning with the part, such as <c>BYMONTHDAY=32: must be between -31 and 31, not 0</c>; or null.
    /// </param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out RecurrenceRule? rule, [NotNullWhen(false)] out string? error) =>
        RecurrenceRuleParser.TryParse(text, out rule, out error);

    /// <summary>Whether two stored texts differ in their EXDATE alone: then the rhythm is the same.</summary>
    public static bool HaveOneRhythm(string one, string other) => one.Split('\n')[0] == other.Split('\n')[0];

    /// <summary>The wall time of DTSTART in <paramref name="zone"/>; null where there is none.</summary>
    public WallTime? StartIn(TimeZoneInfo zone) => Start switch
    {
        null => null,
        { IsDate: true } start => WallTime.On(DateOnly.FromDateTime(start.Value)),
        { IsUtc: true } start => WallTime.At(TimeZoneInfo.ConvertTimeFromUtc(start.Value, zone)),
        { } start => WallTime.At(start.Value),
    };

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>An element of BYDAY: a day of the week, and which of its month or year (0: every one; negative: from the end).</summary>
internal readonly record struct OrdinalDay(int Ordinal, DayOfWeek Day);

/// <summary>A date (all of it), a local time, or an instant in UTC (RFC 5545 sections 3.3.4 and 3.3.5).</summary>
internal readonly record struct RecurrenceTime(DateTime Value, bool IsDate, bool IsUtc)
{
    /// <summary>Reads <c>20261231</c>, <c>20261231T090000</c> or <c>20261231T090000Z</c>, in upper case.</summary>
    public static bool TryParse(string text, out RecurrenceTime time)
    {
        var isUtc = text.EndsWith('Z');
        var isDate = DateTime.TryParseExact(text, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var value);
        var isTime = !isDate
            && DateTime.TryParseExact(isUtc ? text[..^1] : text, "yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out value);
        time = new(DateTime.SpecifyKind(value, isUtc ? DateTimeKind.Utc : DateTimeKind.Unspecified), isDate, isUtc);
        return isDate || isTime;
    }

    /// <summary>What <see cref="TryParse"/> reads.</summary>
    public override string ToString() => Value.ToString(IsDate ? "yyyyMMdd" : IsUtc ? "yyyyMMdd'T'HHmmss'Z'" : "yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);
}
