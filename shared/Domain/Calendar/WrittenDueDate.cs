using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace TodoFlow.Domain.Calendar;

/// <summary>
/// A due date as clients write it: an instant or a date (<see cref="DueDate"/>), or a local time such as <c>2026-03-01T09:30:00</c> in a
/// time zone that is named beside it, as iCalendar does (RFC 5545 section 3.3.5, form 3).
/// </summary>
public sealed partial record WrittenDueDate
{
    /// <summary>What <see cref="TryParse"/> expects, for messages.</summary>
    public const string Expected = DueDate.Expected + ", or beside a time_zone a local time such as 2026-03-01T09:30:00";

    private readonly DueDate? _due;
    private readonly DateTime _local;

    private WrittenDueDate(DueDate? due, DateTime local) => (_due, _local) = (due, local);

    /// <summary>Whether it is a local time, which means nothing without its zone.</summary>
    public bool IsLocal => _due is null;

    /// <summary>Reads what <see cref="DueDate.TryParse"/> reads, and an RFC 3339 <c>date-time</c> without its offset.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out WrittenDueDate? written)
    {
        written = DueDate.TryParse(text, out var due) ? new(due, default)
            : text is { Length: <= 40 } && LocalTime().IsMatch(text) && DueDate.TryParse(text + "Z", out var utc) ? new(null, utc.Instant!.Value.DateTime)
            : null;
        return written is not null;
    }

    /// <inheritdoc cref="DueDate.RangeError"/>
    public static string? RangeError(string? text) => DueDate.RangeError(text) ?? (text is not null && LocalTime().IsMatch(text) ? DueDate.RangeError(text + "Z") : null);

    /// <summary>
    /// The due date, a local time in <paramref name="zone"/>: where its clock skips that, moved forward by the gap; where it shows it
    /// twice, the first.
    /// </summary>
    public DueDate In(TimeZoneInfo zone) => _due ?? DueDate.At(new ZoneClock(zone).Resolve(_local).Instant);

    /// <summary>The due date of the wall time of a series' beginning.</summary>
    public static WrittenDueDate Of(WallTime wall) => wall.AllDay ? new(DueDate.On(wall.Date), default) : new(null, wall.Value);

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?\z", RegexOptions.CultureInvariant | RegexOptions.ECMAScript)]
    private static partial Regex LocalTime();
}
