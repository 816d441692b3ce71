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

    private readonly RecurrenceRule rule;
    private readonly TimeZoneInfo zone;
    private readonly bool hasOneOffset;
    private readonly long anchor;
    private readonly long fraction;
    private readonly long last;
    private readonly int? count;
    private readonly Dictionary<long, DayMembers> membersByOffset = [];

    // Members of the rule, from the anchor on, that come before this second.
    private long countedTo;
    private long counted;
    private bool? anchorIsMember;

    /// <param name="rule">The rule, by the hour, minute or second.</param>
    /// <param name="anchor">The instant of DTSTART.</param>
    /// <param name="zone">The zone whose wall clock the rule's parts are about.</param>
    /// <param name="last">The latest instant that a member may be (UNTIL).</param>
    /// <param name="counts">Whether COUNT ends this set.</param>
    public ElapsedSet(RecurrenceRule rule, DateTimeOffset anchor, TimeZoneInfo zone, DateTimeOffset last, bool counts)
    {
        this.rule = rule;
        this.zone = zone;
        hasOneOffset = zone.GetAdjustmentRules().Length == 0;
        this.anchor = SecondOf(anchor.UtcTicks);
        fraction = anchor.UtcTicks % TimeSpan.TicksPerSecond; // members share it
        this.last = SecondOf(last.UtcTicks - fraction);
        count = counts ? rule.Count : null;
        countedTo = this.anchor;
    }

    /// <summary>How many days were examined so far: the measure of cost.</summary>
    public long Examined => membersByOffset.Values.Sum(members => members.Examined);

    /// <summary>The first member strictly after an instant, in UTC; null if there is none, COUNT and UNTIL considered.</summary>
    public DateTimeOffset? FirstAfter(DateTimeOffset instant)
    {
        var after = SecondOf(instant.UtcTicks - fraction);
        var second = after < anchor ? anchor : FirstFrom(after + 1);
        return second is { } member && member <= last && !IsBeyondCount(member)
            ? new DateTimeOffset((member * TimeSpan.TicksPerSecond) + fraction, TimeSpan.Zero)
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
        if (count is null || member == anchor)
        {
            return false;
        }

        if (member < countedTo)
        {
            (countedTo, counted) = (anchor, 0);
        }

        anchorIsMember ??= FirstFrom(anchor) == anchor;
        var before = count.Value - (anchorIsMember.Value ? 0 : 1); // how many may come before it
        while (countedTo < member && counted < before)
        {
            var (offset, to) = SpanFrom(countedTo, member);
            counted += MembersAt(offset).CountBetween(countedTo + offset, to + offset);
            countedTo = to;
        }

        return counted >= before;
    }

    // At most a week in which the offset stays as it is, up to a midnight: of whole days the members need not be counted one by one.
    private (long Offset, long To) SpanFrom(long from, long end)
    {
        var offset = OffsetAt(from);
        if (hasOneOffset)
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
        if (!membersByOffset.TryGetValue(offset, out var members))
        {
            var wall = new DateTime(Math.Max(0, anchor + offset) * TimeSpan.TicksPerSecond);
            membersByOffset.Add(offset, members = new DayMembers(rule, wall, allDay: false));
        }

        return members;
    }

    private long OffsetAt(long second) =>
        (long)zone.GetUtcOffset(new DateTime(second * TimeSpan.TicksPerSecond, DateTimeKind.Utc)).TotalSeconds;

    private static long SecondOf(long ticks) => Math.Max(0, ticks) / TimeSpan.TicksPerSecond;
}
