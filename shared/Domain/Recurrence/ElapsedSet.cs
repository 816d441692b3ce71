namespace TodoFlow.Domain.Recurrence;

/// <summary>
/// The recurrence set of a timed rule by the hour, minute or second. Elapsed time decides: each unit lasts as long as the others, so an
/// hour that the clock skips makes no gap, and one that it shows twice counts twice. What the rule says of months, days and times of day
/// is asked of the wall clock. Keeps its place while counting, so it serves one caller at a time.
/// </summary>
/// <remarks>
/// While the zone's offset stays as it is, the wall clock counts as elapsed time does: there <see cref="DayMembers"/> finds the members,
/// from an anchor that is shown in that offset. The set is walked in spans of a week, of which a change of the offset makes two; offsets
/// that come and go within a week are not seen. Seconds are those of UTC since 0001-01-01.
/// </remarks>
internal sealed class ElapsedSet
{
    private const long Day = RuleMembers.SecondsPerDay;
    private const long Week = 7 * Day;

    private readonly RecurrenceRule _rule;
    private readonly TimeZoneInfo _zone;
    private readonly bool _hasOneOffset;
    private readonly long _anchor;
    private readonly long _fraction;
    private readonly long _last;
    private readonly int? _count;
    private readonly Dictionary<long, DayMembers> _membersByOffset = [];

    // Members of the rule, from the anchor on, that come before this second.
    private long _countedTo;
    private long _counted;
    private bool? _anchorIsMember;

    /// <param name="rule">The rule, by the hour, minute or second.</param>
    /// <param name="anchor">The instant of DTSTART.</param>
    /// <param name="zone">The zone whose wall clock the rule's parts are about.</param>
    /// <param name="last">The latest instant that a member may be (UNTIL).</param>
    /// <param name="counts">Whether COUNT ends this set.</param>
    public ElapsedSet(RecurrenceRule rule, DateTimeOffset anchor, TimeZoneInfo zone, DateTimeOffset last, bool counts)
    {
        _rule = rule;
        _zone = zone;
        _hasOneOffset = zone.GetAdjustmentRules().Length == 0;
        _anchor = SecondOf(anchor.UtcTicks);
        _fraction = anchor.UtcTicks % TimeSpan.TicksPerSecond; // members share it
        _last = SecondOf(last.UtcTicks - _fraction);
        _count = counts ? rule.Count : null;
        _countedTo = _anchor;
    }

    /// <summary>How many days were examined so far: the measure of cost.</summary>
    public long Examined => _membersByOffset.Values.Sum(members => members.Examined);

    /// <summary>The first member strictly after an instant, in UTC; null if there is none, COUNT and UNTIL considered.</summary>
    public DateTimeOffset? FirstAfter(DateTimeOffset instant)
    {
        var after = SecondOf(instant.UtcTicks - _fraction);
        var second = after < _anchor ? _anchor : FirstFrom(after + 1);
        return second is { } member && member <= _last && !IsBeyondCount(member)
            ? new DateTimeOffset((member * TimeSpan.TicksPerSecond) + _fraction, TimeSpan.Zero)
            : null;
    }

    private long? FirstFrom(long from)
    {
        var end = MembersAt(OffsetAt(from)).HorizonFrom(from);
        while (from < end)
        {
            var (offset, to) = SpanFrom(from, end);
            if (MembersAt(offset).FirstBetween(from + offset, to + offset) is { } member)
            {
                return member - offset;
            }

            from = to;
        }

        return null;
    }

    private bool IsBeyondCount(long member)
    {
        if (_count is null || member == _anchor)
        {
            return false;
        }

        if (member < _countedTo)
        {
            (_countedTo, _counted) = (_anchor, 0);
        }

        _anchorIsMember ??= FirstFrom(_anchor) == _anchor;
        var before = _count.Value - (_anchorIsMember.Value ? 0 : 1); // how many may come before it
        while (_countedTo < member && _counted < before)
        {
            var (offset, to) = SpanFrom(_countedTo, member);
            _counted += MembersAt(offset).CountBetween(_countedTo + offset, to + offset);
            _countedTo = to;
        }

        return _counted >= before;
    }

    // At most a week in which the offset stays as it is, up to a midnight: of whole days the members need not be counted one by one.
    private (long Offset, long To) SpanFrom(long from, long end)
    {
        var offset = OffsetAt(from);
        if (_hasOneOffset)
        {
            return (offset, end);
        }

        var to = Math.Min(end, ((from + offset) / Day * Day) + Week - offset);
        if (OffsetAt(to - 1) != offset)
        {
            var same = from;
            while (to - same > 1)
            {
                var middle = same + ((to - same) / 2);
                (same, to) = OffsetAt(middle) == offset ? (middle, to) : (same, middle);
            }
        }

        return (offset, to);
    }

    private DayMembers MembersAt(long offset)
    {
        if (!_membersByOffset.TryGetValue(offset, out var members))
        {
            var wall = new DateTime(Math.Max(0, _anchor + offset) * TimeSpan.TicksPerSecond);
            _membersByOffset.Add(offset, members = new DayMembers(_rule, wall, allDay: false));
        }

        return members;
    }

    private long OffsetAt(long second) =>
        (long)_zone.GetUtcOffset(new DateTime(second * TimeSpan.TicksPerSecond, DateTimeKind.Utc)).TotalSeconds;

    private static long SecondOf(long ticks) => Math.Max(0, ticks) / TimeSpan.TicksPerSecond;
}
