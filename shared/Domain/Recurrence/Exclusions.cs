using System.Text;

namespace TodoFlow.Domain.Recurrence;

/// <summary>
/// The members that EXDATE takes out of a series (RFC 5545 section 3.8.5.1); COUNT counts them. A date stands for all of its day, and a
/// time in a series of whole days for its date.
/// </summary>
internal sealed class Exclusions
{
    private readonly HashSet<DateOnly> dates = [];
    private readonly HashSet<DateTime> localTimes = [];
    private readonly HashSet<DateTime> instants = [];
    private readonly HashSet<DateOnly> days = [];
    private readonly string text;

    /// <param name="times">The values of every EXDATE.</param>
    public Exclusions(IReadOnlyCollection<RecurrenceTime> times)
    {
        foreach (var time in times)
        {
            var date = DateOnly.FromDateTime(time.Value);
            days.Add(date);
            _ = time.IsDate ? dates.Add(date) : (time.IsUtc ? instants : localTimes).Add(time.Value);
        }

        var lines = new StringBuilder();
        foreach (var kind in times.Distinct().GroupBy(time => (time.IsDate, time.IsUtc)).OrderBy(kind => kind.Key))
        {
            lines.Append(kind.Key.IsDate ? "\nEXDATE;VALUE=DATE:" : "\nEXDATE:").AppendJoin(',', kind);
        }

        text = lines.ToString();
    }

    /// <summary>Nothing is taken out.</summary>
    public static Exclusions None { get; } = new([]);

    /// <summary>Whether anything is.</summary>
    public bool Any => days.Count > 0;

    /// <summary>Whether all of a day is, in a series of times.</summary>
    public bool HasDay(DateOnly date) => dates.Contains(date);

    /// <summary>Whether an occurrence is.</summary>
    public bool Has(SeriesOccurrence occurrence) => occurrence.Scheduled.AllDay
        ? days.Contains(occurrence.Scheduled.Date)
        : HasDay(occurrence.Scheduled.Date)
            || localTimes.Contains(Seconds(occurrence.Scheduled.Value))
            || instants.Contains(Seconds(occurrence.Due.Instant!.Value.UtcDateTime));

    /// <summary>The lines to store, each behind a line break.</summary>
    public override string ToString() => text;

    private static DateTime Seconds(DateTime time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond));
}
