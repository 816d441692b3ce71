using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace TodoFlow.Domain.Calendar;

/// <summary>
/// When a task is due: an RFC 3339 instant, or a calendar date (<c>YYYY-MM-DD</c>) that lasts all day in the task's time zone.
/// It keeps the text that it was read from, so that a client gets back what it sent.
/// </summary>
public sealed partial record DueDate
{
    /// <summary>What <see cref="TryParse"/> expects, for messages.</summary>
    public const string Expected = "an RFC 3339 instant such as 2026-03-01T09:30:00+01:00, or a date such as 2026-03-01";

    private DueDate(string text, DateOnly? date, DateTimeOffset? instant)
    {
        Text = text;
        Date = date;
        Instant = instant;
    }

    /// <summary>The text as it was sent.</summary>
    public string Text { get; }

    /// <summary>The date of an all-day task; otherwise null.</summary>
    public DateOnly? Date { get; }

    /// <summary>The instant of a timed task, with the offset that was sent; otherwise null.</summary>
    public DateTimeOffset? Instant { get; }

    /// <summary>Whether the task is due some time during <see cref="Date"/>, rather than at an instant.</summary>
    [MemberNotNullWhen(true, nameof(Date))]
    [MemberNotNullWhen(false, nameof(Instant))]
    public bool AllDay => Date is not null;

    /// <summary>Reads RFC 3339 section 5.6 <c>date-time</c> or <c>full-date</c>; years 0001 to 9999, with a day to spare at both ends.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DueDate? due)
    {
        due = null;
        if (text is null)
        {
            return false;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            due = date > DateOnly.MinValue && date < DateOnly.MaxValue ? new DueDate(text, date, null) : null;
        }
        else if (TryParseInstant(text, out var instant))
        {
            due = new DueDate(text, null, instant);
        }

        return due is not null;
    }

    /// <summary>
    /// What else is wrong with a text that is written as RFC 3339 says: its year is beyond those that can be stored, with a day to spare
    /// for the offsets of zones; null where it is not that.
    /// </summary>
    public static string? RangeError(string? text) =>
        text is { Length: > 5 } && text[..5] is "0000-" or "0001-" or "9999-" && TryParse((text[0] == '0' && text[3] == '0' ? "2000" : "2001") + text[4..], out _)
            ? "must lie between 0001-01-02 and 9999-12-30 (UTC)"
            : null;

    /// <summary>Reads a text that was written by <see cref="Text"/>.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static DueDate Parse(string text) => TryParse(text, out var due) ? due : throw new FormatException("This is no due date.");

    /// <summary>Reads an RFC 3339 <c>date-time</c>: the offset is required (up to 14 hours, as no zone has more), a leap second (:60) is taken as the next minute's first.</summary>
    public static bool TryParseInstant(string? text, out DateTimeOffset instant)
    {
        instant = default;
        if (text is null || text.Length > 40 || !Rfc3339().IsMatch(text))
        {
            return false;
        }

        var leap = text.AsSpan(17, 2) is "60";
        var normal = leap ? string.Concat(text.AsSpan(0, 17), "59", text.AsSpan(19)) : text;
        normal = TooManyDigits().Replace(normal, "$1").Replace(' ', 'T');
        if (!DateTimeOffset.TryParse(normal, CultureInfo.InvariantCulture, DateTimeStyles.None, out instant))
        {
            return false;
        }

        if (instant.UtcDateTime < DateTime.MinValue.AddDays(1) || instant.UtcDateTime > DateTime.MaxValue.AddDays(-1))
        {
            return false;
        }

        instant = leap ? instant.AddSeconds(1) : instant;
        return true;
    }

    /// <summary>The due date of an all-day task.</summary>
    public static DueDate On(DateOnly date) => new(date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), date, null);

    /// <summary>The due date of a timed task, written with its offset and without needless fractions.</summary>
    public static DueDate At(DateTimeOffset instant)
    {
        var format = instant.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd'T'HH:mm:sszzz" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFFzzz";
        return new(instant.ToString(format, CultureInfo.InvariantCulture), null, instant);
    }

    /// <summary>The instant that lists sort by: that of a timed task, the start of the day in <paramref name="zone"/> of an all-day one.</summary>
    public DateTimeOffset DueAt(TimeZoneInfo zone) => AllDay ? StartOfDay(Date.Value, zone) : Instant.Value.ToUniversalTime();

    /// <summary>The instant from which an open task is overdue: the due instant, or the end of the day in <paramref name="zone"/>.</summary>
    public DateTimeOffset OverdueAt(TimeZoneInfo zone) => AllDay ? StartOfDay(Date.Value.AddDays(1), zone) : Instant.Value.ToUniversalTime();

    /// <inheritdoc/>
    public override string ToString() => Text;

    // A day may start late: where midnight falls into a gap (a clock change, a day that a zone skipped), at the gap's end.
    private static DateTimeOffset StartOfDay(DateOnly date, TimeZoneInfo zone)
    {
        var local = date.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(1);
        }

        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Rfc3339();

    [GeneratedRegex(@"(\.\d{7})\d+", RegexOptions.CultureInvariant)]
    private static partial Regex TooManyDigits();
}
