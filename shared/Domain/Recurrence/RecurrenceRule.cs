using System.Diagnostics.CodeAnalysis;

namespace TodoFlow.Domain.Recurrence;

/// <summary>
/// How a task repeats: an alias (<c>none</c>, <c>daily</c>, <c>weekdays</c>, <c>weekly</c>, <c>monthly</c>, <c>yearly</c>) or a
/// recurrence rule of RFC 5545 section 3.3.10. The aliases <c>monthly</c> and <c>yearly</c> clamp to the month's last day;
/// a written-out rule skips dates that do not exist, as the RFC says. Immutable.
/// </summary>
public sealed class RecurrenceRule
{
    /// <summary>The longest text that is read, in characters.</summary>
    public const int MaxLength = 500;

    internal RecurrenceRule(string text) => Text = text;

    /// <summary>No recurrence.</summary>
    public static RecurrenceRule None { get; } = new("none") { IsNone = true, Frequency = Frequency.Daily };

    /// <summary>The rule as it was sent, without space around it; an alias in lower case.</summary>
    public string Text { get; }

    /// <summary>Whether this is <c>none</c>: a series of one.</summary>
    public bool IsNone { get; private init; }

    internal bool Clamps { get; init; }

    internal Frequency Frequency { get; init; }

    internal int Interval { get; init; } = 1;

    internal int? Count { get; init; }

    internal RecurrenceUntil? Until { get; init; }

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

    /// <summary>Reads an alias or an RRULE, with or without the <c>RRULE:</c> prefix, in any case.</summary>
    /// <exception cref="FormatException">The text is no rule; the message names the part that is wrong.</exception>
    public static RecurrenceRule Parse(string text) =>
        TryParse(text, out var rule, out var error) ? rule : throw new FormatException(error);

    /// <summary>Reads an alias or an RRULE, with or without the <c>RRULE:</c> prefix, in any case.</summary>
    /// <param name="text">The text to read.</param>
    /// <param name="rule">The rule, or null.</param>
    /// <param name="error">
    /// What is wrong, beginning with the part, such as <c>BYMONTHDAY=32: must be between -31 and 31, not 0</c>; or null.
    /// </param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out RecurrenceRule? rule, [NotNullWhen(false)] out string? error) =>
        RecurrenceRuleParser.TryParse(text, out rule, out error);

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>An element of BYDAY: a day of the week, and which of its month or year (0: every one; negative: from the end).</summary>
internal readonly record struct OrdinalDay(int Ordinal, DayOfWeek Day);

/// <summary>The UNTIL part, inclusive: a date (all of it), a local time, or an instant in UTC.</summary>
internal readonly record struct RecurrenceUntil(DateTime Value, bool IsDate, bool IsUtc);
