namespace TodoFlow.Domain.Recurrence;

/// <summary>A day of the proleptic Gregorian calendar that steps to its successor without division.</summary>
internal struct CalendarDay
{
    public CalendarDay(int number)
    {
        var date = DateOnly.FromDayNumber(number);
        (Year, Month, Day) = date;
        (Number, DayOfYear, DayOfWeek) = (number, date.DayOfYear, date.DayOfWeek);
        SetLengths();
    }

    /// <summary>Days since 0001-01-01.</summary>
    public int Number { get; private set; }

    public int Year { get; private set; }

    public int Month { get; private set; }

    public int Day { get; private set; }

    public int DayOfYear { get; private set; }

    public DayOfWeek DayOfWeek { get; private set; }

    public int DaysInMonth { get; private set; }

    public int DaysInYear { get; private set; }

    public void MoveNext()
    {
        Number++;
        Day++;
        DayOfYear++;
        DayOfWeek = DayOfWeek == DayOfWeek.Saturday ? DayOfWeek.Sunday : DayOfWeek + 1;
        if (Day <= DaysInMonth)
        {
            return;
        }

        Day = 1;
        Month++;
        if (Month > 12)
        {
            (Year, Month, DayOfYear) = (Year + 1, 1, 1);
        }

        if (Year <= DateTime.MaxValue.Year)
        {
            SetLengths();
        }
    }

    private void SetLengths()
    {
        DaysInMonth = DateTime.DaysInMonth(Year, Month);
        DaysInYear = DateTime.IsLeapYear(Year) ? 366 : 365;
    }
}
