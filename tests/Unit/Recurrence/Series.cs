using System.Globalization;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;

namespace TodoFlow.Tests.Unit.Recurrence;

/// <summary>Short ways to say what a series is in a test.</summary>
internal static class Series
{
    public static RecurrenceSeries Of(string rule, string anchor, string zone = "Europe/Berlin", RecurrenceBasis basis = RecurrenceBasis.Due) =>
        new(RecurrenceRule.Parse(rule), basis, WallTime.Parse(anchor), TimeZoneInfo.FindSystemTimeZoneById(zone));

    public static DueDate Due(string text) => DueDate.TryParse(text, out var due) ? due : throw new FormatException(text);

    public static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The due date of the local time or date in the series' zone; a time inside a gap is moved as the series would.</summary>
    public static DueDate DueAtWall(this RecurrenceSeries series, string wall)
    {
        var anchored = new RecurrenceSeries(series.Rule, series.Basis, WallTime.Parse(wall), series.Zone);
        return anchored.First().Due;
    }

    /// <summary>The texts of the next occurrences after the anchor, each completed when it is due; "ended" at the end.</summary>
    public static IEnumerable<string> Texts(this RecurrenceSeries series, int count)
    {
        var preview = series.Preview(series.First(), null, count);
        return preview.Occurrences.Select(occurrence => occurrence.Due.Text).Concat(preview.Ended ? ["ended"] : []);
    }
}
