using System.Text;

namespace TodoFlow.Domain.Recurrence;

/// <summary>
/// The members that EXDATE takes out of a series (RFC 5545 section 3.8.5.1); COUNT counts them. A date stands for all of its day, and a
/// time in a series of whole days for its date.
/// </summary>
internal sealed class Exclusions
{
    private readonly HashSet<DateOnly> _dates = [];
    private readonly HashSet<DateTime> _localTimes = [];
    private readonly HashSet<DateTime> _instants = [];
    private readonly HashSet<DateOnly> _days = [];
    private readonly string _text;

    /// <param name="times">The values of every EXDATE.</param>
    public Exclusions(IReadOnlyCollection<RecurrenceTime> times)
    {
        foreach (var time in times)
        {
            var date = DateOnly.FromDateTime(time.Value);
            _days.Add(date);
            _ = time.IsDate ? _dates.Add(date) : (time.IsUtc ? _instants : _localTimes).Add(time.Value);
        }

        var lines = new StringBuilder();
        foreach (var kind in times.Distinct().GroupBy(time => (time.IsDate, time.IsUtc)).OrderBy(kind => kind.Key))
        {
            lines.Append(kind.Key.IsDate ? "\nEXDATE;VALUE=DATE:" : "\nEXDATE:").AppendJoin(',', kind);
        }

        _text = lines.ToString();
    }

    /// <summary>Nothing is taken out.</summary>
    public static Exclusions None { get; } = new([]);

    /// <summary>Whether anything is.</summary>
    public bool Any => _days.Count > 0;

    /// <summary>Whether all of a day is, in a series of times.</summary>
    public bool HasDay(DateOnly date) => _dates.Contains(date);

    /// <summary>Whether an occurrence is.</summary>
    public bool Has(SeriesOccurrence occurrence) => occurrence.Scheduled.AllDay
        ? _days.Contains(occurrence.Scheduled.Date)
        : HasDay(occurrence.Scheduled.Date)
            || _localTimes.Contains(Seconds(occurrence.Scheduled.Value))
            || _instants.Contains(Seconds(occurrence.Due.Instant!.Value.UtcDateTime));

    /// <summary>The lines to store, each behind a line break.</summary>
    public override string ToString() => _text;

    private static DateTime Seconds(DateTime time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond));
}
