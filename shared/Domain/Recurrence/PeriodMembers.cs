namespace TodoFlow.Domain.Recurrence;

/// <summary>
/// Members of WEEKLY, MONTHLY and YEARLY rules: of every INTERVAL-th period the admitted days, at each time of day; of these the
/// BYSETPOS-th.
/// </summary>
internal sealed class PeriodMembers : RuleMembers
{
    private readonly RecurrenceRule _rule;
    private readonly int _weekOffset;
    private readonly long _anchorPeriod;
    private readonly int[] _times;
    private readonly List<int> _days = [];
    private readonly Dictionary<int, int[]> _picksBySize = [];
    private int[]? _picks;

    public PeriodMembers(RecurrenceRule rule, DateTime anchor, bool allDay)
        : base(rule, anchor)
    {
        _rule = rule;
        _weekOffset = ((int)rule.WeekStart - (int)DayOfWeek.Monday + 7) % 7; // day 0 is a Monday
        _anchorPeriod = PeriodOf(DayOf(Anchor));
        _times = Times(rule, anchor, allDay, Frequency.Daily);
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
    private int Size => _picks?.Length ?? _days.Count * _times.Length;

    private long MemberAt(int index)
    {
        var position = _picks is null ? index : _picks[index];
        return ((long)_days[position / _times.Length] * SecondsPerDay) + _times[position % _times.Length];
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
        _days.Clear();
        var day = new CalendarDay(StartOf(period));
        for (; day.Number < end; day.MoveNext())
        {
            Examined++;
            if (Days.Admits(day))
            {
                _days.Add(day.Number);
            }
        }

        if (_rule.BySetPos.Count > 0 && !_picksBySize.TryGetValue(_days.Count, out _picks))
        {
            _picksBySize[_days.Count] = _picks = Picks(_rule, _days.Count * _times.Length);
        }
    }

    private long Aligned(long period) => _anchorPeriod + (Math.Max(0, period - _anchorPeriod + Interval - 1) / Interval * Interval);

    private long PeriodOf(int day)
    {
        if (_rule.Frequency == Frequency.Weekly)
        {
            return (day - _weekOffset + 7) / 7;
        }

        var (year, month, _) = DateOnly.FromDayNumber(day);
        return _rule.Frequency == Frequency.Monthly ? ((year - 1) * 12) + month - 1 : year - 1;
    }

    // Weeks may begin before the calendar does; every period ends with it.
    private int StartOf(long period)
    {
        var end = DateOnly.MaxValue.DayNumber;
        if (_rule.Frequency == Frequency.Weekly)
        {
            return (int)Math.Clamp(((period - 1) * 7) + _weekOffset, 0, end);
        }

        var months = _rule.Frequency == Frequency.Monthly ? period : period * 12;
        return months >= 9999 * 12 ? end : new DateOnly((int)(months / 12) + 1, (int)(months % 12) + 1, 1).DayNumber;
    }
}
