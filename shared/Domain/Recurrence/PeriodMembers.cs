namespace TodoFlow.Domain.Recurrence;

/// <summary>
/// Members of WEEKLY, MONTHLY and YEARLY rules: of every INTERVAL-th period the admitted days, at each time of day; of these the
/// BYSETPOS-th.
/// </summary>
internal sealed class PeriodMembers : RuleMembers
{
    private readonly RecurrenceRule rule;
    private readonly int weekOffset;
    private readonly long anchorPeriod;
    private readonly int[] times;
    private readonly List<int> days = [];
    private readonly Dictionary<int, int[]> picksBySize = [];
    private int[]? picks;

    public PeriodMembers(RecurrenceRule rule, DateTime anchor, bool allDay)
        : base(rule, anchor)
    {
        this.rule = rule;
        weekOffset = ((int)rule.WeekStart - (int)DayOfWeek.Monday + 7) % 7; // day 0 is a Monday
        anchorPeriod = PeriodOf(DayOf(Anchor));
        times = Times(rule, anchor, allDay, Frequency.Daily);
    }

    public override long? FirstFrom(long second)
    {
        var first = DayOf(second);
        var horizon = Horizon(first);
        for (var period = Aligned(PeriodOf(first)); StartOf(period) < horizon; period += Interval)
        {
            Expand(period, Math.Min(StartOf(period + 1), horizon));
            var before = CountBefore(second);
            if (before < Size)
            {
                return MemberAt(before);
            }
        }

        return null;
    }

    protected override long Count(long from, long to)
    {
        var count = 0L;
        for (var period = Aligned(PeriodOf(DayOf(from))); StartOf(period) * (long)SecondsPerDay < to; period += Interval)
        {
            Expand(period, StartOf(period + 1));
            count += CountBefore(to) - CountBefore(from);
        }

        return count;
    }

    // Of the expanded period: how many members it has, and which, in order. They are computed, not stored: a year may have millions.
    private int Size => picks?.Length ?? days.Count * times.Length;

    private long MemberAt(int index)
    {
        var position = picks is null ? index : picks[index];
        return ((long)days[position / times.Length] * SecondsPerDay) + times[position % times.Length];
    }

    private int CountBefore(long second)
    {
        var (low, high) = (0, Size);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = MemberAt(middle) < second ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void Expand(long period, int end)
    {
        days.Clear();
        var day = new CalendarDay(StartOf(period));
        for (; day.Number < end; day.MoveNext())
        {
            Examined++;
            if (Days.Admits(day))
            {
                days.Add(day.Number);
            }
        }

        if (rule.BySetPos.Count > 0 && !picksBySize.TryGetValue(days.Count, out picks))
        {
            picksBySize[days.Count] = picks = Picks(rule, days.Count * times.Length);
        }
    }

    private long Aligned(long period) => anchorPeriod + (Math.Max(0, period - anchorPeriod + Interval - 1) / Interval * Interval);

    private long PeriodOf(int day)
    {
        if (rule.Frequency == Frequency.Weekly)
        {
            return (day - weekOffset + 7) / 7;
        }

        var (year, month, _) = DateOnly.FromDayNumber(day);
        return rule.Frequency == Frequency.Monthly ? ((year - 1) * 12) + month - 1 : year - 1;
    }

    // Weeks may begin before the calendar does; every period ends with it.
    private int StartOf(long period)
    {
        var end = DateOnly.MaxValue.DayNumber;
        if (rule.Frequency == Frequency.Weekly)
        {
            return (int)Math.Clamp(((period - 1) * 7) + weekOffset, 0, end);
        }

        var months = rule.Frequency == Frequency.Monthly ? period : period * 12;
        return months >= 9999 * 12 ? end : new DateOnly((int)(months / 12) + 1, (int)(months % 12) + 1, 1).DayNumber;
    }
}
