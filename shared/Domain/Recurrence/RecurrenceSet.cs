using TodoFlow.Domain.Calendar;

namespace TodoFlow.Domain.Recurrence;

/// <summary>
/// The recurrence set of RFC 5545 section 3.8.5.3 in wall time: the anchor, which "always counts as the first occurrence", and the
/// members of the rule after it, ended by COUNT or UNTIL. Keeps its place while counting, so it serves one caller at a time.
/// </summary>
internal sealed class RecurrenceSet
{
    private readonly RuleMembers members;
    private readonly DateTime anchor;
    private readonly DateTime last;
    private readonly int? count;

    // Members of the rule, from the anchor on, that come before this second.
    private long countedTo;
    private long counted;
    private bool? anchorIsMember;

    /// <param name="rule">The rule.</param>
    /// <param name="anchor">DTSTART, as wall time.</param>
    /// <param name="last">The latest that a member may be, as wall time (UNTIL).</param>
    /// <param name="counts">Whether COUNT ends this set.</param>
    public RecurrenceSet(RecurrenceRule rule, WallTime anchor, DateTime last, bool counts)
    {
        this.anchor = anchor.Value;
        this.last = last;
        count = counts ? rule.Count : null;
        members = RuleMembers.Of(rule, anchor.Value, anchor.AllDay);
        countedTo = SecondOf(this.anchor);
    }

    /// <summary>How many days were examined so far: the measure of cost.</summary>
    public long Examined => members.Examined;

    /// <summary>The first member strictly after <paramref name="wall"/>; null if there is none, COUNT and UNTIL considered.</summary>
    public DateTime? FirstAfter(DateTime wall)
    {
        if (wall < anchor)
        {
            return anchor <= last ? anchor : null;
        }

        // Members share the anchor's fraction of a second, which the rule knows nothing of.
        var fraction = anchor.Ticks % TimeSpan.TicksPerSecond;
        if (members.FirstFrom(SecondOf(wall.AddTicks(-fraction)) + 1) is not { } second)
        {
            return null;
        }

        var member = new DateTime((second * TimeSpan.TicksPerSecond) + fraction);
        return member <= last && !BeyondCount(second) ? member : null;
    }

    /// <summary>Whether <paramref name="member"/> is the month's last day in place of the anchor's.</summary>
    public bool Clamped(DateTime member) => members.Clamped(member);

    private bool BeyondCount(long member)
    {
        if (count is null)
        {
            return false;
        }

        if (member < countedTo)
        {
            (countedTo, counted) = (SecondOf(anchor), 0);
        }

        counted += members.CountBetween(countedTo, member);
        countedTo = member;
        anchorIsMember ??= members.FirstFrom(SecondOf(anchor)) == SecondOf(anchor);
        return counted + (anchorIsMember.Value ? 0 : 1) + 1 > count;
    }

    private static long SecondOf(DateTime wall) => wall.Ticks / TimeSpan.TicksPerSecond;
}
