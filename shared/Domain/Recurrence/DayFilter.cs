namespace TodoFlow.Domain.Recurrence;

/// <summary>
/// Which days a rule admits: BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY and BYDAY of RFC 5545 section 3.3.10. Within a period that
/// its frequency chose, expanding and limiting parts come to the same: a day is a member if every part admits it. What the rule
/// leaves open comes from the anchor ("the same day as DTSTART"). Each test is a bit, so long lists cost nothing.
/// </summary>
internal sealed class DayFilter
{
    private readonly uint _months;
    private readonly bool[] _yearDays = new bool[367];
    private readonly bool[] _yearDaysFromEnd = new bool[367];
    private readonly bool _hasYearDays;
    private readonly uint _monthDays;
    private readonly uint _monthDaysFromEnd;
    private readonly int _clampedDay;
    private readonly uint _weekdays;
    private readonly ulong[] _ordinals = new ulong[7];
    private readonly ulong[] _ordinalsFromEnd = new ulong[7];
    private readonly bool _hasWeekdays;
    private readonly bool _ordinalsCountInMonth;
    private readonly ulong _weeks;
    private readonly ulong _weeksFromEnd;
    private readonly DayOfWeek _weekStart;

    public DayFilter(RecurrenceRule rule, DateTime anchor)
    {
        var yearly = rule.Frequency == Frequency.Yearly;
        var choosesDays = rule.ByDay.Count + rule.ByMonthDay.Count + rule.ByYearDay.Count > 0;
        var anchorsDay = !choosesDays && (rule.Frequency == Frequency.Monthly || (yearly && rule.ByWeekNo.Count == 0));
        var anchorsWeekday = !choosesDays && (rule.Frequency == Frequency.Weekly || (yearly && rule.ByWeekNo.Count > 0));

        foreach (var month in yearly && anchorsDay && rule.ByMonth.Count == 0 ? [anchor.Month] : rule.ByMonth)
        {
            _months |= 1u << month;
        }

        foreach (var day in rule.ByYearDay)
        {
            (day > 0 ? _yearDays : _yearDaysFromEnd)[Math.Abs(day)] = _hasYearDays = true;
        }

        _clampedDay = anchorsDay && rule.Clamps ? anchor.Day : 0;
        foreach (var day in anchorsDay && !rule.Clamps ? [anchor.Day] : rule.ByMonthDay)
        {
            (day > 0 ? ref _monthDays : ref _monthDaysFromEnd) |= 1u << Math.Abs(day);
        }

        foreach (var (ordinal, day) in anchorsWeekday ? [new OrdinalDay(0, anchor.DayOfWeek)] : rule.ByDay)
        {
            _hasWeekdays = true;
            if (ordinal == 0)
            {
                _weekdays |= 1u << (int)day;
            }
            else
            {
                (ordinal > 0 ? _ordinals : _ordinalsFromEnd)[(int)day] |= 1ul << Math.Abs(ordinal);
            }
        }

        _ordinalsCountInMonth = !yearly || rule.ByMonth.Count > 0;
        _weekStart = rule.WeekStart;
        foreach (var week in rule.ByWeekNo)
        {
            (week > 0 ? ref _weeks : ref _weeksFromEnd) |= 1ul << Math.Abs(week);
        }
    }

    public bool Admits(in CalendarDay day) =>
        (_months == 0 || (_months >> day.Month & 1) != 0)
        && (!_hasWeekdays || AdmitsWeekday(day))
        && ((_monthDays | _monthDaysFromEnd) == 0
            || ((_monthDays >> day.Day | _monthDaysFromEnd >> (day.DaysInMonth - day.Day + 1)) & 1) != 0)
        && (_clampedDay == 0 || day.Day == Math.Min(_clampedDay, day.DaysInMonth))
        && (!_hasYearDays || _yearDays[day.DayOfYear] || _yearDaysFromEnd[day.DaysInYear - day.DayOfYear + 1])
        && ((_weeks | _weeksFromEnd) == 0 || AdmitsWeek(day));

    /// <summary>Whether an alias moved its anchor's day to <paramref name="date"/> because the month is too short.</summary>
    public bool Clamped(DateTime date) => date.Day < _clampedDay;

    private bool AdmitsWeekday(in CalendarDay day)
    {
        var weekday = (int)day.DayOfWeek;
        if ((_weekdays >> weekday & 1) != 0)
        {
            return true;
        }

        var (index, length) = _ordinalsCountInMonth ? (day.Day, day.DaysInMonth) : (day.DayOfYear, day.DaysInYear);
        var ordinal = ((index - 1) / 7) + 1;
        var fromEnd = ((length - index) / 7) + 1;
        return ((_ordinals[weekday] >> ordinal | _ordinalsFromEnd[weekday] >> fromEnd) & 1) != 0;
    }

    // Week 1 is the first with at least four days in the year, so a week belongs to the year of its fourth day. December 28th
    // is in the last week of its year, whichever day weeks begin on.
    private bool AdmitsWeek(in CalendarDay day)
    {
        var fourth = day.Number - DaysIntoWeek(day.DayOfWeek) + 3;
        if (fourth < 0 || fourth > DateOnly.MaxValue.DayNumber)
        {
            return false;
        }

        var date = DateOnly.FromDayNumber(fourth);
        var week = ((date.DayOfYear - 1) / 7) + 1;
        var last = new DateOnly(date.Year, 12, 28);
        var fromEnd = ((last.DayNumber - DaysIntoWeek(last.DayOfWeek) + 3 - fourth) / 7) + 1;
        return ((_weeks >> week | _weeksFromEnd >> fromEnd) & 1) != 0;
    }

    private int DaysIntoWeek(DayOfWeek day) => ((int)day - (int)_weekStart + 7) % 7;
}
