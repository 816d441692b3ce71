namespace TodoFlow.Domain.Recurrence;

/// <summary>
/// The local times that a rule yields from its anchor on, before COUNT and UNTIL. Times are whole seconds since 0001-01-01T00:00:00
/// on the wall clock. A rule without a member for 400 years has ended, and every rule ends 3,000 years after its anchor: so the
/// days that a call examines, and its cost, are bounded.
/// </summary>
internal abstract class RuleMembers(RecurrenceRule rule, DateTime anchor)
{
    // The Gregorian calendar repeats after 400 years, days of the week included: no rule that ever matches pauses for longer,
    // unless its INTERVAL alone makes it.
    private const int DaysIn400Years = 146_097;

    // A bound for what COUNT can make us count.
    private const int DaysIn3000Years = 1_095_728;

    /// <summary>Of every day on a wall clock that does not change.</summary>
    public const int SecondsPerDay = 86_400;

    // Two days before the calendar ends, so that an instant in any zone can be written.
    private static readonly int EndOfTime = new DateOnly(9999, 12, 30).DayNumber;

    // The seconds after which members repeat: 400 years, as often as it takes the interval to come out even.
    private readonly long _repeat = (long)DaysIn400Years * SecondsPerDay
        * (rule.Interval / GreatestCommonDivisor(rule.Interval, PeriodsIn400Years(rule.Frequency)));

    protected DayFilter Days { get; } = new(rule, anchor);

    protected long Interval { get; } = rule.Interval;

    protected long Anchor { get; } = anchor.Ticks / TimeSpan.TicksPerSecond;

    /// <summary>How many days were examined so far: the measure of cost.</summary>
    public long Examined { get; protected set; }

    public static RuleMembers Of(RecurrenceRule rule, DateTime anchor, bool allDay) => rule.Frequency > Frequency.Daily
        ? new PeriodMembers(rule, anchor, allDay)
        : new DayMembers(rule, anchor, allDay);

    /// <summary>The first member at or after <paramref name="second"/>, which is not before the anchor; null if the rule has ended.</summary>
    public abstract long? FirstFrom(long second);

    /// <summary>
    /// The number of members at or after <paramref name="from"/> and before <paramref name="to"/>; what the calendar repeats is
    /// counted once.
    /// </summary>
    public long CountBetween(long from, long to)
    {
        var times = (to - from) / _repeat;
        return times == 0
            ? Count(from, to)
            : (times * Count(from, from + _repeat)) + Count(from + (times * _repeat), to);
    }

    /// <summary>As <see cref="CountBetween"/>, day by day.</summary>
    protected abstract long Count(long from, long to);

    /// <summary>Whether an alias moved its anchor's day to <paramref name="date"/>.</summary>
    public bool Clamped(DateTime date) => Days.Clamped(date);

    private static long PeriodsIn400Years(Frequency frequency) => frequency switch
    {
        Frequency.Yearly => 400,
        Frequency.Monthly => 400 * 12,
        Frequency.Weekly => DaysIn400Years / 7,
        Frequency.Daily => DaysIn400Years,
        Frequency.Hourly => DaysIn400Years * 24L,
        Frequency.Minutely => DaysIn400Years * 24L * 60,
        _ => (long)DaysIn400Years * SecondsPerDay,
    };

    private static long GreatestCommonDivisor(long a, long b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);

    protected static int DayOf(long second) => (int)(second / SecondsPerDay);

    /// <summary>The day before which a search from <paramref name="day"/> gives up.</summary>
    protected int Horizon(int day) => Math.Min(Math.Min(EndOfTime, DayOf(Anchor) + DaysIn3000Years), day + DaysIn400Years + 366);

    /// <summary>
    /// The sorted seconds within a unit of the given frequency at which a member may fall: BYHOUR, BYMINUTE and BYSECOND, or the
    /// anchor's. Without leap seconds, second 60 is second 59 (RFC 5545 section 3.3.12).
    /// </summary>
    protected static int[] Times(RecurrenceRule rule, DateTime anchor, bool allDay, Frequency unit)
    {
        // "MUST be ignored" where DTSTART is a date.
        IReadOnlyList<int> Of(Frequency part, IReadOnlyList<int> chosen, int anchored) =>
            part >= unit ? [0] : chosen.Count == 0 || allDay ? [anchored] : chosen;

        var hours = Of(Frequency.Hourly, rule.ByHour, anchor.Hour);
        var minutes = Of(Frequency.Minutely, rule.ByMinute, anchor.Minute);
        var seconds = Of(Frequency.Secondly, rule.BySecond, anchor.Second).Select(second => Math.Min(second, 59)).Distinct().ToArray();
        var times = new int[hours.Count * minutes.Count * seconds.Length];
        var next = 0;
        foreach (var hour in hours)
        {
            foreach (var minute in minutes)
            {
                foreach (var second in seconds)
                {
                    times[next++] = (((hour * 60) + minute) * 60) + second;
                }
            }
        }

        return times;
    }

    /// <summary>The indices, sorted, that BYSETPOS picks of a set of <paramref name="size"/> sorted members.</summary>
    protected static int[] Picks(RecurrenceRule rule, int size) =>
    [
        .. rule.BySetPos.Select(position => position > 0 ? position - 1 : size + position)
            .Where(index => index >= 0 && index < size).Distinct().Order(),
    ];
}
