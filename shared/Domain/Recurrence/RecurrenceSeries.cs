using TodoFlow.Domain.Calendar;

namespace TodoFlow.Domain.Recurrence;

/// <summary>
/// A rule with its zone, its basis and its anchor, the wall time of its first occurrence (DTSTART of RFC 5545 section 3.8.2.4),
/// which never changes: moving an occurrence leaves the rhythm alone. Timed rules by the hour, minute or second follow elapsed time, all
/// others the wall clock. Immutable and pure.
/// </summary>
/// <remarks>
/// The engine is TodoFlow's own: instants come last, COUNT counts members, and the cost of any rule is bounded, none of which the
/// scheduler libraries offer. A series without a member for 400 years has ended; any series ends after 3,000 years, or on
/// 9999-12-29.
/// </remarks>
/// <param name="rule">The rule.</param>
/// <param name="basis">What the next occurrence is counted from.</param>
/// <param name="anchor">The first occurrence on the wall clock; its kind (all day or timed) is that of every occurrence.</param>
/// <param name="zone">The zone whose wall clock the series follows.</param>
public sealed class RecurrenceSeries(RecurrenceRule rule, RecurrenceBasis basis, WallTime anchor, TimeZoneInfo zone)
{
    private readonly ZoneClock _clock = new(zone);

    /// <summary>The rule.</summary>
    public RecurrenceRule Rule { get; } = rule;

    /// <summary>What the next occurrence is counted from.</summary>
    public RecurrenceBasis Basis { get; } = basis;

    /// <summary>The first occurrence on the wall clock.</summary>
    public WallTime Anchor { get; } = anchor;

    /// <summary>The zone whose wall clock the series follows.</summary>
    public TimeZoneInfo Zone { get; } = zone;

    /// <summary>The first occurrence: the anchor itself.</summary>
    public SeriesOccurrence First() => Anchor.AllDay
        ? new SeriesOccurrence(1, Anchor, DueDate.On(Anchor.Date))
        : Timed(1, Anchor.Value, _clock.Resolve(Anchor.Value));

    /// <summary>An occurrence that is due as it was scheduled.</summary>
    public SeriesOccurrence DueAt(DueDate due, int number = 1) => new(number, WallTime.Of(due, Zone), due);

    /// <summary>
    /// The occurrence that follows when <paramref name="current"/> is completed, or null if the series has ended.
    /// Counted from the due date, it is the first member strictly after the due date, the scheduled time and the completion (their
    /// local dates, if all day): members missed meanwhile are skipped, and count. Counted from completion, the rule starts again at
    /// the completion's local date with the anchor's time of day, a timed rule by the hour, minute or second at the completion itself; and
    /// COUNT limits the number of occurrences.
    /// </summary>
    /// <param name="current">The occurrence that was completed; its due date may have been moved.</param>
    /// <param name="completedAt">The instant of completion.</param>
    public SeriesOccurrence? Next(SeriesOccurrence current, DateTimeOffset completedAt) =>
        NextIn(FromAnchor(), current, completedAt);

    /// <summary>
    /// What completing step by step makes: <paramref name="current"/> at <paramref name="completedAt"/> (when it is due, if null),
    /// then each occurrence when it is due.
    /// </summary>
    /// <param name="current">The open occurrence.</param>
    /// <param name="completedAt">The instant at which it is completed.</param>
    /// <param name="count">How many occurrences to list at most.</param>
    public SeriesPreview Preview(SeriesOccurrence current, DateTimeOffset? completedAt, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var set = FromAnchor();
        var occurrences = new List<SeriesOccurrence>();
        while (occurrences.Count < count && NextIn(set, current, completedAt ?? current.Due.DueAt(Zone)) is { } next)
        {
            occurrences.Add(next);
            (current, completedAt) = (next, null);
        }

        return new SeriesPreview(occurrences, Ended: occurrences.Count < count);
    }

    private SeriesOccurrence? NextIn(Members set, SeriesOccurrence current, DateTimeOffset completedAt)
    {
        if (Rule.IsNone)
        {
            return null;
        }

        var number = current.Number + 1;
        if (Basis == RecurrenceBasis.Due)
        {
            return Anchor.AllDay
                ? FirstDayAfter(set, number, Latest(LocalDate(current.Due), current.Scheduled.Date, LocalDate(completedAt)))
                : FirstInstantAfter(set, number, Latest(EndOf(current.Due), _clock.Resolve(current.Scheduled.Value).Instant, completedAt));
        }

        if (current.Number >= Rule.Count)
        {
            return null;
        }

        if (Elapses)
        {
            var completed = completedAt.AddTicks(-(completedAt.Ticks % TimeSpan.TicksPerMicrosecond));
            return FirstInstantAfter(new Members(null, InElapsedTime(completed, counts: false)), number, completed);
        }

        var restart = Anchor.MovedTo(LocalDate(completedAt));
        var restarted = new Members(OnWallClock(restart, counts: false), null);
        return Anchor.AllDay
            ? FirstDayAfter(restarted, number, restart.Date)
            : FirstInstantAfter(restarted, number, Latest(_clock.Resolve(restart.Value).Instant, completedAt));
    }

    private SeriesOccurrence? FirstDayAfter(Members set, int number, DateOnly date)
    {
        var next = FirstDayAfter(set.OnWallClock!, number, date);
        while (next is not null && Rule.Excluded.Has(next))
        {
            next = FirstDayAfter(set.OnWallClock!, number, next.Scheduled.Date);
        }

        return next;
    }

    private SeriesOccurrence? FirstInstantAfter(Members set, int number, DateTimeOffset floor)
    {
        var next = First(floor);
        while (next is not null && Rule.Excluded.Has(next))
        {
            var date = next.Scheduled.Date;
            next = First(Rule.Excluded.HasDay(date) ? Latest(next.Due.Instant!.Value, EndOfDay(date)) : next.Due.Instant!.Value);
        }

        return next;

        SeriesOccurrence? First(DateTimeOffset after) => set.InElapsedTime is { } elapsed
            ? InZone(number, elapsed.FirstAfter(after))
            : FirstInstantAfter(set.OnWallClock!, number, after);
    }

    private SeriesOccurrence? FirstDayAfter(RecurrenceSet set, int number, DateOnly date)
    {
        if (set.FirstAfter(EndOf(date)) is not { } member)
        {
            return null;
        }

        // A date that the zone skipped (Apia had no 2011-12-30) moves to the next that exists.
        var due = DateOnly.FromDateTime(_clock.Resolve(member).Instant.DateTime);
        var skipped = due != DateOnly.FromDateTime(member);
        if (skipped && set.FirstAfter(EndOf(due.AddDays(-1))) is { } regular && DateOnly.FromDateTime(regular) == due)
        {
            (member, skipped) = (regular, false);
        }

        var note = skipped ? OccurrenceNote.DstGap : set.Clamped(member) ? OccurrenceNote.Clamped : (OccurrenceNote?)null;
        return new SeriesOccurrence(number, WallTime.On(DateOnly.FromDateTime(member)), DueDate.On(due), note);
    }

    // Instants keep the order of wall times except around a gap, whose members move past some of those that follow it.
    private SeriesOccurrence? FirstInstantAfter(RecurrenceSet set, int number, DateTimeOffset floor)
    {
        SeriesOccurrence? best = null;
        if (_clock.InsideGapAt(floor) is { } inside
            && set.FirstAfter(inside) is { } late
            && _clock.Resolve(late) is { GapEnd: not null } moved)
        {
            best = Timed(number, late, moved, set);
        }

        if (set.FirstAfter(_clock.PassedAt(floor)) is { } member)
        {
            var resolved = _clock.Resolve(member);
            best = Earlier(Timed(number, member, resolved, set), best);
            if (resolved.GapEnd is { } gapEnd && set.FirstAfter(gapEnd.AddTicks(-1)) is { } after)
            {
                best = Earlier(Timed(number, after, _clock.Resolve(after), set), best);
            }
        }

        return best is not null && Rule.Until is { IsUtc: true } until && best.Due.Instant!.Value.UtcDateTime > until.Value ? null : best;
    }

    // Of two at the same instant the regular one: it was not moved there.
    private static SeriesOccurrence Earlier(SeriesOccurrence regular, SeriesOccurrence? other) =>
        other is not null && other.Due.Instant < regular.Due.Instant ? other : regular;

    private static SeriesOccurrence Timed(int number, DateTime member, ResolvedTime resolved, RecurrenceSet? set = null)
    {
        var note = resolved.Note ?? (set?.Clamped(member) == true ? OccurrenceNote.Clamped : null);
        return new SeriesOccurrence(number, WallTime.At(member), DueDate.At(resolved.Instant), note);
    }

    private SeriesOccurrence? InZone(int number, DateTimeOffset? member)
    {
        if (member is not { } instant)
        {
            return null;
        }

        var local = TimeZoneInfo.ConvertTime(instant, Zone);
        return new SeriesOccurrence(number, WallTime.At(local.DateTime), DueDate.At(local));
    }

    private bool Elapses => !Anchor.AllDay && Rule.Frequency < Frequency.Daily;

    private Members FromAnchor() => Elapses
        ? new(null, InElapsedTime(_clock.Resolve(Anchor.Value).Instant, counts: true))
        : new(OnWallClock(Anchor, counts: true), null);

    private ElapsedSet InElapsedTime(DateTimeOffset anchor, bool counts) => new(
        Rule,
        anchor,
        Zone,
        Rule.Until switch
        {
            null => DateTimeOffset.MaxValue,
            { IsDate: true } until => EndOfDay(DateOnly.FromDateTime(until.Value)),
            { IsUtc: true } until => new DateTimeOffset(until.Value, TimeSpan.Zero),
            { } until => _clock.Resolve(until.Value).Instant,
        },
        counts);

    private RecurrenceSet OnWallClock(WallTime anchor, bool counts)
    {
        var last = Rule.Until switch
        {
            null => DateTime.MaxValue,
            { IsDate: true } until => EndOf(DateOnly.FromDateTime(until.Value)),
            { } until when Anchor.AllDay => EndOf(DateOnly.FromDateTime(until.Value)), // a date in every zone, however it is written
            { IsUtc: false } until => until.Value,
            _ => DateTime.MaxValue, // an instant, compared with instants
        };
        return new RecurrenceSet(Rule, anchor, last, counts);
    }

    private DateOnly LocalDate(DateTimeOffset instant) => DateOnly.FromDateTime(_clock.WallAt(instant));

    private DateOnly LocalDate(DueDate due) => due.AllDay ? due.Date.Value : LocalDate(due.Instant.Value);

    private DateTimeOffset EndOfDay(DateOnly date) => date == DateOnly.MaxValue ? DateTimeOffset.MaxValue : DueDate.On(date).OverdueAt(Zone).AddTicks(-1);

    private static DateTime EndOf(DateOnly date) => date.ToDateTime(TimeOnly.MaxValue);

    // An occurrence of a timed series that was moved to a whole day is followed on a later day.
    private DateTimeOffset EndOf(DueDate due) => due.AllDay ? due.OverdueAt(Zone).AddTicks(-1) : due.Instant.Value;

    private static T Latest<T>(params ReadOnlySpan<T> values)
        where T : struct, IComparable<T>
    {
        var latest = values[0];
        foreach (var value in values)
        {
            latest = value.CompareTo(latest) > 0 ? value : latest;
        }

        return latest;
    }

    /// <summary>The members from an anchor on: by the wall clock, or in elapsed time.</summary>
    private readonly record struct Members(RecurrenceSet? OnWallClock, ElapsedSet? InElapsedTime);
}
