using TodoFlow.Domain.Calendar;

namespace TodoFlow.Domain.Recurrence;

/// <summary>
/// The recurrence set of RFC 5545 section 3.8.5.3 in wall time: the anchor, which "always counts as the first occurrence", and the
/// members of the rule after it, ended by COUNT or UNTIL. Keeps its place while counting, so it serves one caller at a time.
/// </summary>
internal sealed class RecurrenceSet
{
    private readonly RuleMembers _members;
    private readonly DateTime _anchor;
    private readonly DateTime _last;
    private readonly int? _count;

    // Members of the rule, from the anchor on, that come before this second.
    private long _countedTo;
    private long _counted;
    private bool? _anchorIsMember;

    /// <param name="rule">The rule.</param>
    /// <param name="anchor">DTSTART, as wall time.</param>
    /// <param name="last">The latest that a member may be, as wall time (UNTIL).</param>
    /// <param name="counts">Whether COUNT ends this set.</param>
    public RecurrenceSet(RecurrenceRule rule, WallTime anchor, DateTime last, bool counts)
    {
        _anchor = anchor.Value;
        _last = last;
        _count = counts ? rule.Count : null;
        _members = RuleMembers.Of(rule, anchor.Value, anchor.AllDay);
        _countedTo = SecondOf(_anchor);
    }

    /// <summary>How many days were examined so far: the measure of cost.</summary>
    public long Examined => _members.Examined;

    /// <summary>The first member strictly after <paramref name="wall"/>; null if there is none, COUNT and UNTIL considered.</summary>
    public DateTime? FirstAfter(DateTime wall)
    {
        if (wall < _anchor)
        {
            return _anchor <= _last ? _anchor : null;
        }

        // Members share the anchor's fraction of a second, which the rule knows nothing of.
        var fraction = _anchor.Ticks % TimeSpan.TicksPerSecond;
        if (_members.FirstFrom(SecondOf(wall.AddTicks(-fraction)) + 1) is not { } second)
        {
            return null;
        }

        var member = new DateTime((second * TimeSpan.TicksPerSecond) + fraction);
        return member <= _last && !BeyondCount(second) ? member : null;
    }

    /// <summary>Whether <paramref name="member"/> is the month's last day in place of the anchor's.</summary>
    public bool Clamped(DateTime member) => _members.Clamped(member);

    private bool BeyondCount(long member)
    {
        if (_count is null)
        {
            return false;
        }

        if (member < _countedTo)
        {
            (_countedTo, _counted) = (SecondOf(_anchor), 0);
        }

        _counted += _members.CountBetween(_countedTo, member);
        _countedTo = member;
        _anchorIsMember ??= _members.FirstFrom(SecondOf(_anchor)) == SecondOf(_anchor);
        return _counted + (_anchorIsMember.Value ? 0 : 1) + 1 > _count;
    }

    private static long SecondOf(DateTime wall) => wall.Ticks / TimeSpan.TicksPerSecond;
}
