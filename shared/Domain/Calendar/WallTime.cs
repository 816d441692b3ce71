using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace TodoFlow.Domain.Calendar;

/// <summary>
/// A date, or a date and time of day, as the clock on the wall of the series' zone shows it (RFC 5545 section 3.3.5, form 1).
/// Series are anchored and counted in wall time; instants are computed last, so a zone that changes its rules moves no rhythm.
/// </summary>
public readonly record struct WallTime
{
    private const string DateFormat = "yyyy-MM-dd";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFF";

    private WallTime(DateTime value, bool allDay)
    {
        // Microseconds are what the database keeps.
        Value = new DateTime(value.Ticks - (value.Ticks % TimeSpan.TicksPerMicrosecond));
        AllDay = allDay;
    }

    /// <summary>The local date and time; midnight for an all-day task.</summary>
    public DateTime Value { get; }

    /// <summary>Whether only the date counts.</summary>
    public bool AllDay { get; }

    /// <summary>The local date.</summary>
    public DateOnly Date => DateOnly.FromDateTime(Value);

    /// <summary>A whole day.</summary>
    public static WallTime On(DateOnly date) => new(date.ToDateTime(TimeOnly.MinValue), allDay: true);

    /// <summary>A time of day.</summary>
    public static WallTime At(DateTime local) => new(local, allDay: false);

    /// <summary>The wall time of a due date in <paramref name="zone"/>.</summary>
    public static WallTime Of(DueDate due, TimeZoneInfo zone) =>
        due.AllDay ? On(due.Date.Value) : At(TimeZoneInfo.ConvertTime(due.Instant.Value, zone).DateTime);

    /// <summary>Reads what <see cref="ToString"/> wrote, and the same without seconds.</summary>
    /// <exception cref="FormatException">The text is neither a date nor a local date and time.</exception>
    public static WallTime Parse(string text) =>
        TryParse(text, out var wall) ? wall.Value : throw new FormatException($"'{text}' is no local date or date and time.");

    /// <summary>Reads what <see cref="ToString"/> wrote, and the same without seconds.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out WallTime? wall)
    {
        wall = null;
        if (DateOnly.TryParseExact(text, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            wall = On(date);
        }
        else if (DateTime.TryParseExact(text, [TimeFormat, "yyyy-MM-dd'T'HH:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            wall = At(local);
        }

        return wall is not null;
    }

    /// <summary>The same time of day, or the whole day, on another date.</summary>
    public WallTime MovedTo(DateOnly date) => new(date.ToDateTime(TimeOnly.FromDateTime(Value)), AllDay);

    /// <summary>This date in the kind of <paramref name="due"/>: with its time of day, or as a whole day. The same if the kinds agree.</summary>
    public WallTime InKindOf(WallTime due) => AllDay == due.AllDay ? this : due.MovedTo(Date);

    /// <summary><c>2026-03-10</c> or <c>2026-03-10T19:00:00</c>: ISO 8601 without an offset; the form to store.</summary>
    public override string ToString() => Value.ToString(AllDay ? DateFormat : TimeFormat, CultureInfo.InvariantCulture);
}
