using System.Globalization;

namespace TodoFlow.Domain.QuickAdd;

/// <summary>Recurrences: "every" and what follows it, and words such as "daily".</summary>
internal static class RhythmGrammar
{
    private const string Workdays = "MO,TU,WE,TH,FR";

    // In the order of DayOfWeek.
    private static readonly string[] Weekdays = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

    /// <summary>Reads a recurrence.</summary>
    public static Phrase? Phrase(Cursor cursor)
    {
        var begin = cursor;
        if (cursor.Take(Role.EachWeekday, out var day))
        {
            return Of(cursor, ByDay("WEEKLY", 1, Weekdays[day]));
        }

        if (cursor.Take(Role.Adverb, out var unit))
        {
            return cursor.AtEnd ? Of(cursor, Adverb((TimeUnit)unit)) : Unclear(cursor, Doubt.Rhythm);
        }

        if (cursor.Take(Role.UnclearAdverb))
        {
            return Unclear(cursor, Doubt.TwoRhythms);
        }

        if (!cursor.Take(Role.Every))
        {
            return null;
        }

        var fromCompletion = cursor.TakeShout();
        var phrase = Behind(cursor);
        return phrase is { Rhythm: { } rhythm } ? phrase with { Rhythm = rhythm with { FromCompletion = fromCompletion } } : phrase;
    }

    // Every other week, every 2 days, every day, every monday, every 15th, every last friday, every 31 jan.
    private static Phrase? Behind(Cursor cursor)
    {
        var begin = cursor;
        if (DateGrammar.DayAndMonth(ref cursor) is var (month, dayOfMonth))
        {
            return DateGrammar.Exists(month, dayOfMonth)
                ? Of(cursor, Rule("YEARLY", 1, $";BYMONTH={month};BYMONTHDAY={dayOfMonth}", true))
                : Unclear(cursor, Doubt.NoSuchDate);
        }

        var interval = cursor.Take(Role.Other) ? 2 : 1;
        if (interval == 1 && cursor.TakeAmount(out var amount, out var unit) && amount > 0)
        {
            return amount > 999 ? Unclear(cursor, Doubt.TooFar) : OfUnit(cursor, amount, unit);
        }

        if (cursor.Take(Role.Unit, out var one))
        {
            return OfUnit(cursor, interval, (TimeUnit)one);
        }

        if (cursor.Take(Role.Workdays))
        {
            return Of(cursor, interval == 1 ? Adverb(TimeUnit.Workday) : ByDay("WEEKLY", 2, Workdays));
        }

        if (cursor.Take(Role.Weekend))
        {
            return Of(cursor, ByDay("WEEKLY", interval, "SA"));
        }

        if (interval == 1 && cursor.Take(Role.PartOfDay, out var hour))
        {
            return Of(cursor, Adverb(TimeUnit.Day) with { Minutes = hour * 60 });
        }

        if (TakeDays(ref cursor) is { } days)
        {
            return Of(cursor, ByDay("WEEKLY", interval, days));
        }

        return interval == 1 ? Ordinal(begin) : null;
    }

    // Hours and minutes elapse; the others may name their days.
    private static Phrase OfUnit(Cursor cursor, int interval, TimeUnit unit)
    {
        var on = cursor;
        switch (unit)
        {
            case TimeUnit.Week when on.Take(Role.On) && TakeDays(ref on) is { } days:
                return Of(on, ByDay("WEEKLY", interval, days));
            case TimeUnit.Month when TakeOnThe(ref on) is { } part:
                return Of(on, Rule("MONTHLY", interval, part, true));
            case TimeUnit.Year when on.Take(Role.On) && DateGrammar.DayAndMonth(ref on) is var (month, day) && DateGrammar.Exists(month, day):
                return Of(on, Rule("YEARLY", interval, $";BYMONTH={month};BYMONTHDAY={day}", true));
        }

        return Of(cursor, unit switch
        {
            TimeUnit.Minute => Elapsed("MINUTELY", interval, TimeSpan.FromMinutes(interval)),
            TimeUnit.Hour => Elapsed("HOURLY", interval, TimeSpan.FromHours(interval)),
            _ when interval == 1 => Adverb(unit),
            TimeUnit.Day => Rule("DAILY", interval),
            TimeUnit.Week => Rule("WEEKLY", interval),
            TimeUnit.Month => Rule("MONTHLY", interval),
            _ => Rule("YEARLY", interval),
        });
    }

    private static string? TakeOnThe(ref Cursor cursor)
    {
        var begin = cursor;
        if ((cursor.Take(Role.OnThe) || cursor.Take(Role.On)) && TakeMember(ref cursor) is { } part)
        {
            return part;
        }

        cursor = begin;
        return null;
    }

    // A member of a month: "15th", "1st and 15th", "last day", "first monday".
    private static string? TakeMember(ref Cursor cursor)
    {
        if (!TakeOrdinal(ref cursor, out var ordinal, out _))
        {
            return null;
        }

        var behind = cursor;
        if (behind.Take(Role.Unit, out var unit) && (TimeUnit)unit == TimeUnit.Day && ordinal != 0)
        {
            cursor = behind;
            return $";BYMONTHDAY={ordinal}";
        }

        behind = cursor;
        if (behind.Take(Role.Workdays) && ordinal is -1 or 1)
        {
            cursor = behind;
            return $";BYDAY={Workdays};BYSETPOS={ordinal}";
        }

        behind = cursor;
        if (ordinal is >= -1 and <= 5 && behind.Take(Role.Weekday, out var day))
        {
            cursor = behind;
            return $";BYDAY={ordinal.ToString(CultureInfo.InvariantCulture)}{Weekdays[day]}";
        }

        return ordinal is >= 1 and <= 31 ? $";BYMONTHDAY={ordinal}{TakeMore(ref cursor)}" : null;
    }

    private static string TakeMore(ref Cursor cursor)
    {
        var more = new List<int>();
        for (var next = cursor; more.Count < 30 && next.Take(Role.And) && next.TakeOrdinalDay(out var day) && day is >= 1 and <= 31; cursor = next)
        {
            more.Add(day);
        }

        return string.Concat(more.Distinct().Select(day => string.Create(CultureInfo.InvariantCulture, $",{day}")));
    }

    private static bool TakeOrdinal(ref Cursor cursor, out int ordinal, out bool isSecond)
    {
        isSecond = cursor.Peek(Role.Second);
        return cursor.Take(Role.Second, out ordinal) || cursor.Take(Role.Ordinal, out ordinal) || cursor.TakeOrdinalDay(out ordinal);
    }

    private static Phrase? Ordinal(Cursor cursor)
    {
        var begin = cursor;
        if (!TakeOrdinal(ref cursor, out var ordinal, out var isSecond) || ordinal == 0)
        {
            return null;
        }

        var behind = cursor;
        if (behind.Take(Role.Unit, out var unit) && ordinal > 0 && !behind.Peek(Role.OfMonth))
        {
            return OfUnit(behind, ordinal, (TimeUnit)unit); // every third month
        }

        if (TakeMember(ref begin) is not { } part)
        {
            return null;
        }

        var ofMonth = begin.Take(Role.OfMonth);
        return isSecond && cursor.Peek(Role.Weekday) && !ofMonth ? Unclear(begin, Doubt.TwoRhythms)
            : begin.AtEnd || ofMonth || !part.StartsWith(";BYMONTHDAY", StringComparison.Ordinal) || ordinal < 0 ? Of(begin, Rule("MONTHLY", 1, part, true))
            : Unclear(begin, Doubt.Rhythm); // every 5th customer
    }

    // "mon, wed and fri"; commas and "and" are taken only before another day.
    private static string? TakeDays(ref Cursor cursor)
    {
        if (!cursor.Take(Role.Weekday, out var day))
        {
            return null;
        }

        var days = new SortedSet<int> { (day + 6) % 7 };
        for (var next = cursor; ; cursor = next)
        {
            next.Take(Role.And, out _, overComma: true);
            if (!next.Take(Role.Weekday, out day, overComma: true))
            {
                break;
            }

            days.Add((day + 6) % 7);
        }

        return string.Join(',', days.Select(monday => Weekdays[(monday + 1) % 7]));
    }

    private static Rhythm Adverb(TimeUnit unit) => unit switch
    {
        TimeUnit.Hour => Elapsed("HOURLY", 1, TimeSpan.FromHours(1)),
        TimeUnit.Day => new("daily", "FREQ=DAILY"),
        TimeUnit.Week => new("weekly", "FREQ=WEEKLY"),
        TimeUnit.Month => new("monthly", "FREQ=MONTHLY"),
        TimeUnit.Year => new("yearly", "FREQ=YEARLY"),
        TimeUnit.Fortnight => Rule("WEEKLY", 2),
        _ => new("weekdays", $"FREQ=WEEKLY;BYDAY={Workdays}", $"FREQ=WEEKLY;BYDAY={Workdays}"),
    };

    private static Rhythm ByDay(string frequency, int interval, string days) =>
        interval == 1 && days == Workdays ? Adverb(TimeUnit.Workday) : Rule(frequency, interval, $";BYDAY={days}", true);

    private static Rhythm Elapsed(string frequency, int interval, TimeSpan span) => Rule(frequency, interval) with { Elapsed = span };

    private static Rhythm Rule(string frequency, int interval, string parts = "", bool fixesDays = false)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"FREQ={frequency}{(interval == 1 ? "" : $";INTERVAL={interval}")}{parts}");
        return new(text, text, fixesDays ? $"FREQ={frequency}{parts}" : null);
    }

    private static Phrase Of(Cursor cursor, Rhythm rhythm) => new(PhraseKind.Rule, cursor.Start, cursor.Next) { Rhythm = rhythm };

    private static Phrase Unclear(Cursor cursor, Doubt doubt) => new(PhraseKind.Unclear, cursor.Start, cursor.Next) { Doubt = doubt, IsCued = true };
}
