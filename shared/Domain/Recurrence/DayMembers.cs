namespace TodoFlow.Domain.Recurrence;

/// <summary>
/// Members of rules from SECONDLY to DAILY. INTERVAL counts units (seconds to days) from the anchor's; a day holds the units that
/// leave the right remainder, so a day without any is passed in one step, however short the unit. For an all-day task the members
/// are the days that hold any.
/// </summary>
internal sealed class DayMembers : RuleMembers
{
    private readonly bool _allDay;
    private readonly int _unitSeconds;
    private readonly int _unitsPerDay;
    private readonly long _step;
    private readonly bool[] _admittedUnits;

    // Per remainder by the interval, how many admitted units of a day leave it; unused if the interval exceeds a day.
    private readonly int[] _unitsByRemainder;
    private readonly int[] _timesInUnit;

    public DayMembers(RecurrenceRule rule, DateTime anchor, bool allDay)
        : base(rule, anchor)
    {
        _allDay = allDay;
        _unitSeconds = rule.Frequency switch
        {
            Frequency.Secondly => 1,
            Frequency.Minutely => 60,
            Frequency.Hourly => 3600,
            _ => SecondsPerDay,
        };
        _unitsPerDay = SecondsPerDay / _unitSeconds;
        _step = _unitsPerDay % Interval;
        _admittedUnits = AdmittedUnits(rule);
        _timesInUnit = Times(rule, anchor, allDay, rule.Frequency);
        if (rule.BySetPos.Count > 0)
        {
            _timesInUnit = [.. Picks(rule, _timesInUnit.Length).Select(i => _timesInUnit[i])];
        }

        _unitsByRemainder = new int[Interval <= _unitsPerDay ? Interval : 0];
        for (var unit = 0; unit < _unitsPerDay && _unitsByRemainder.Length > 0; unit++)
        {
            _unitsByRemainder[unit % _unitsByRemainder.Length] += _admittedUnits[unit] ? 1 : 0;
        }
    }

    /// <summary>The second before which a search from <paramref name="second"/> gives up.</summary>
    public long HorizonFrom(long second) => _timesInUnit.Length == 0 ? second : (long)Horizon(DayOf(second)) * SecondsPerDay;

    public override long? FirstFrom(long second) => FirstBetween(second, HorizonFrom(second));

    /// <summary>The first member at or after <paramref name="from"/> and before <paramref name="to"/>.</summary>
    public long? FirstBetween(long from, long to)
    {
        var day = new CalendarDay(DayOf(from));
        var remainder = Remainder(day.Number);
        for (var start = (long)day.Number * SecondsPerDay; start < to; start += SecondsPerDay, day.MoveNext(), remainder = NextDay(remainder))
        {
            Examined++;
            if (UnitsIn(remainder) > 0 && Days.Admits(day) && FirstTime(remainder, (int)Math.Max(0, from - start)) is { } time)
            {
                return start + time < to ? start + time : null;
            }
        }

        return null;
    }

    protected override long Count(long from, long to)
    {
        var (first, last) = (DayOf(from), DayOf(to));
        var count = 0L;
        var remainder = Remainder(first);
        var day = new CalendarDay(first);
        for (; day.Number < last; day.MoveNext(), remainder = NextDay(remainder))
        {
            Examined++;
            var units = UnitsIn(remainder);
            count += units == 0 || !Days.Admits(day) ? 0 : _allDay ? 1 : (long)units * _timesInUnit.Length;
        }

        return count + CountBefore(day, (int)(to - ((long)last * SecondsPerDay)))
            - CountBefore(new CalendarDay(first), (int)(from - ((long)first * SecondsPerDay)));
    }

    private long CountBefore(in CalendarDay day, int second)
    {
        var count = 0L;
        if (second > 0 && Days.Admits(day))
        {
            for (var unit = Remainder(day.Number); unit < _unitsPerDay && unit * _unitSeconds < second; unit += Interval)
            {
                var limit = second - (unit * _unitSeconds);
                count += !_admittedUnits[unit] ? 0 : limit >= _unitSeconds ? _timesInUnit.Length : _timesInUnit.Count(time => time < limit);
            }
        }

        return count;
    }

    private int? FirstTime(long remainder, int second)
    {
        if (_allDay)
        {
            return second == 0 ? 0 : null;
        }

        var earliest = second / _unitSeconds;
        var skipped = earliest > remainder ? (earliest - remainder + Interval - 1) / Interval : 0;
        for (var unit = remainder + (skipped * Interval); unit < _unitsPerDay; unit += Interval)
        {
            var start = (int)unit * _unitSeconds;
            if (!_admittedUnits[unit])
            {
                continue;
            }

            foreach (var time in _timesInUnit)
            {
                if (start + time >= second)
                {
                    return start + time;
                }
            }
        }

        return null;
    }

    /// <summary>The first unit of a day that is a multiple of the interval away from the anchor's; it may lie beyond the day.</summary>
    private long Remainder(int day)
    {
        var remainder = ((Anchor / _unitSeconds) - ((long)day * _unitsPerDay)) % Interval;
        return remainder < 0 ? remainder + Interval : remainder;
    }

    private long NextDay(long remainder)
    {
        remainder -= _step;
        return remainder < 0 ? remainder + Interval : remainder;
    }

    private int UnitsIn(long remainder) =>
        _unitsByRemainder.Length > 0 ? _unitsByRemainder[remainder] : remainder < _unitsPerDay && _admittedUnits[remainder] ? 1 : 0;

    private bool[] AdmittedUnits(RecurrenceRule rule)
    {
        // A part that is the unit's own or longer limits; a shorter one chooses times within the unit.
        var hours = Mask(rule.ByHour, rule.Frequency <= Frequency.Hourly && !_allDay);
        var minutes = Mask(rule.ByMinute, rule.Frequency <= Frequency.Minutely && !_allDay);
        var seconds = Mask(rule.BySecond, rule.Frequency == Frequency.Secondly && !_allDay);
        var units = new bool[_unitsPerDay];
        for (var unit = 0; unit < units.Length; unit++)
        {
            var second = unit * _unitSeconds;
            units[unit] = ((hours >> (second / 3600)) & (minutes >> (second / 60 % 60)) & (seconds >> (second % 60)) & 1) != 0;
        }

        return units;

        static ulong Mask(IReadOnlyList<int> chosen, bool limits) =>
            !limits || chosen.Count == 0 ? ulong.MaxValue : chosen.Aggregate(0ul, (mask, value) => mask | 1ul << Math.Min(value, 59));
    }
}
