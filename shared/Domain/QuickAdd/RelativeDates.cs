namespace TodoFlow.Domain.QuickAdd;

/// <summary>Dates that are told from today. A week begins on Monday.</summary>
/// <param name="context">Now, and the zone.</param>
internal sealed class RelativeDates(QuickAddContext context)
{
    /// <summary>The date at which the user is.</summary>
    public DateOnly Today { get; } = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(context.Now, context.Zone).DateTime);

    /// <summary>A number of days from today.</summary>
    public DateOnly Plus(int days) => Today.AddDays(days);

    /// <summary>What follows "next".</summary>
    public DateGrammar.Read? AfterNext(ref Cursor cursor)
    {
        var monday = Plus(7 - (((int)Today.DayOfWeek + 6) % 7));
        if (cursor.Take(Role.Weekday, out var day))
        {
            return monday.AddDays((day + 6) % 7); // of the next week, which begins on Monday
        }

        if (cursor.Take(Role.Weekend))
        {
            return Doubt.NextWeekend;
        }

        var first = new DateOnly(Today.Year, Today.Month, 1);
        return !cursor.Take(Role.Unit, out var unit) ? null : (TimeUnit)unit switch
        {
            TimeUnit.Week => monday,
            TimeUnit.Month => first.AddMonths(1),
            TimeUnit.Year => new DateOnly(Today.Year + 1, 1, 1),
            _ => (DateGrammar.Read?)null,
        };
    }

    /// <summary>What follows "this".</summary>
    public DateGrammar.Read? AfterThis(ref Cursor cursor)
    {
        if (cursor.Take(Role.Weekday, out var day))
        {
            return Plus((day - (int)Today.DayOfWeek + 7) % 7);
        }

        if (cursor.Take(Role.Weekend))
        {
            return Today.DayOfWeek == DayOfWeek.Sunday ? Today : Plus((int)DayOfWeek.Saturday - (int)Today.DayOfWeek);
        }

        return cursor.Take(Role.PartOfDay, out var hour) ? new(Today, Minutes: hour * 60) : null;
    }

    /// <summary>"In 3 days", "2 weeks from now".</summary>
    public DateGrammar.Read? Length(ref Cursor cursor)
    {
        var isIn = cursor.Take(Role.In);
        if (isIn && cursor.Peek(Role.Month) && !cursor.Peek(Role.Number))
        {
            cursor.Take(Role.Month);
            return Doubt.NoDay;
        }

        if (!cursor.TakeAmount(out var amount, out var unit) || (!isIn && !cursor.Take(Role.FromNow)))
        {
            return null;
        }

        return unit switch
        {
            _ when amount > (unit == TimeUnit.Year ? 100 : 9999) => Doubt.TooFar,
            TimeUnit.Minute => new(null, DateGrammar.UpToMinute(context.Now.AddMinutes(amount))),
            TimeUnit.Hour => new(null, DateGrammar.UpToMinute(context.Now.AddHours(amount))),
            TimeUnit.Day => Plus(amount),
            TimeUnit.Week => Plus(7 * amount),
            TimeUnit.Month => Today.AddMonths(amount),
            _ => Today.AddYears(amount),
        };
    }

    /// <summary>A day of the week, perhaps of the next one. A weak word, such as "sun", is one only where a time follows.</summary>
    public DateGrammar.Read OnWeekday(ref Cursor cursor, DayOfWeek day, bool isWeak)
    {
        var later = cursor;
        if (later.Take(Role.Next) && later.Take(Role.Unit, out var unit) && (TimeUnit)unit == TimeUnit.Week)
        {
            cursor = later;
            return Plus(7 - (((int)Today.DayOfWeek + 6) % 7) + (((int)day + 6) % 7));
        }

        return isWeak && !TimeGrammar.Follows(cursor) ? Doubt.Word : Plus((((int)day - (int)Today.DayOfWeek + 6) % 7) + 1); // never today
    }

    /// <summary>"End of month".</summary>
    public DateGrammar.Read EndOf(TimeUnit unit, bool isNext)
    {
        var month = new DateOnly(Today.Year, Today.Month, 1).AddMonths(isNext ? 2 : 1).AddDays(-1);
        return unit switch
        {
            TimeUnit.Day => Today,
            TimeUnit.Month => month,
            TimeUnit.Year => new DateOnly(Today.Year + (isNext ? 1 : 0), 12, 31),
            _ => Doubt.WeekEnd,
        };
    }
}
