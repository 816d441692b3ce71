using System.Globalization;
using TodoFlow.Domain.Calendar;

namespace TodoFlow.Domain.QuickAdd;

/// <summary>Dates in words and in digits. A date without a year is the next one that is not before today.</summary>
/// <param name="context">Now, and the zone.</param>
internal sealed class DateGrammar(QuickAddContext context)
{
    private const int MaxYear = 9998;

    private readonly RelativeDates _relative = new(context);

    /// <summary>The date at which the user is.</summary>
    public DateOnly Today => _relative.Today;

    /// <summary>The next whole minute.</summary>
    public static DateTimeOffset UpToMinute(DateTimeOffset instant) =>
        instant.Ticks % TimeSpan.TicksPerMinute is var over && over == 0 ? instant : instant.AddTicks(TimeSpan.TicksPerMinute - over);

    /// <summary>What a phrase says: a date, an instant, or why neither.</summary>
    public readonly record struct Read(DateOnly? Date, DateTimeOffset? Instant = null, int? Minutes = null, Doubt? Doubt = null)
    {
        public static implicit operator Read(Doubt doubt) => new(null, Doubt: doubt);

        public static implicit operator Read(DateOnly date) => new(date);
    }

    /// <summary>Reads a date with the words that may stand before it.</summary>
    public Phrase? Phrase(Cursor cursor)
    {
        if (cursor.Take(Role.Starting, out var bare) && ReadDate(ref cursor, isCued: true) is { } start)
        {
            return Of(PhraseKind.Date, cursor, start) with { IsCued = true, Starting = bare };
        }

        var begin = new Cursor(cursor.Text, cursor.Words, cursor.Start);
        cursor = begin;
        if (cursor.Take(Role.The) && MonthDate(ref cursor) is { } named)
        {
            return Of(PhraseKind.Date, cursor, named) with { IsCued = true };
        }

        cursor = begin;
        var isCued = cursor.Take(Role.On) || cursor.Take(Role.By);
        return ReadDate(ref cursor, isCued) is { } read ? Of(PhraseKind.Date, cursor, read) with { IsCued = isCued } : OnTheDay(begin);
    }

    /// <summary>Reads "until" and a date.</summary>
    public Phrase? Until(Cursor cursor) =>
        cursor.Take(Role.Until, out var isDueToo) && ReadDate(ref cursor, isCued: true) is { Minutes: null, Instant: null } read
            ? Of(PhraseKind.Until, cursor, read) with { IsCued = true, IsDueToo = isDueToo == 1 }
            : null;

    /// <summary>Reads a date, without anything before it.</summary>
    /// <param name="cursor">Where it begins; moved behind it.</param>
    /// <param name="isCued">Whether a word before it says that a date follows.</param>
    public Read? ReadDate(ref Cursor cursor, bool isCued)
    {
        var begin = cursor;
        if (cursor.Take(Role.Tonight, out var hour))
        {
            return new(Today, Minutes: hour * 60);
        }

        if (cursor.Take(Role.Day, out var days))
        {
            return _relative.Plus(days);
        }

        if (cursor.Take(Role.EndOfNext, out var unit) || cursor.Take(Role.EndOf, out unit))
        {
            return _relative.EndOf((TimeUnit)unit, isNext: begin.Peek(Role.EndOfNext));
        }

        if (MonthDate(ref cursor) is { } date)
        {
            return date;
        }

        if (cursor.Take(Role.Next) && _relative.AfterNext(ref cursor) is { } next)
        {
            return next;
        }

        cursor = begin;
        if (cursor.Take(Role.This) && _relative.AfterThis(ref cursor) is { } coming)
        {
            return coming;
        }

        cursor = begin;
        if (_relative.Length(ref cursor) is { } later)
        {
            return later;
        }

        cursor = begin;
        if (cursor.Take(Role.Weekday, out var day))
        {
            var isWeak = begin.Peek(Role.WeakWeekday) && !isCued;
            return _relative.OnWeekday(ref cursor, (DayOfWeek)day, isWeak);
        }

        return cursor.TakeWord(out var word) && Digits(word, cursor) is { } written ? written : Nothing(ref cursor, begin);
    }

    /// <summary>Reads a day and a month in either order, perhaps with a day of the week before it and a year behind it.</summary>
    public Read? MonthDate(ref Cursor cursor)
    {
        var begin = cursor;
        var named = cursor.Take(Role.Weekday, out var weekday);
        if (DayAndMonth(ref cursor, overComma: named) is not var (month, day))
        {
            cursor = begin;
            return null;
        }

        var withYear = cursor;
        int? year = withYear.TakeDigits(4, out var number, overComma: true) && number is >= 1900 and <= MaxYear ? number : null;
        cursor = year is null ? cursor : withYear;
        var read = year is { } written ? WithYear(written, month, day) : NextYearly(month, day) is { } next ? next : Doubt.NoSuchDate;
        return named && read.Date is { } date && date.DayOfWeek != (DayOfWeek)weekday
            ? new Doubt("invalid_date", $"{date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} is a {date.DayOfWeek}.")
            : read;
    }

    /// <summary>A day and a month in either order.</summary>
    public static (int Month, int Day)? DayAndMonth(ref Cursor cursor, bool overComma = false)
    {
        var begin = cursor;
        if (cursor.Take(Role.Month, out var month, overComma) && (cursor.TakeOrdinalDay(out var day) || cursor.TakeDigits(2, out day)) && day > 0)
        {
            return (month, day);
        }

        cursor = begin;
        if ((cursor.TakeOrdinalDay(out day) || cursor.TakeDigits(2, out day, overComma)) && day > 0)
        {
            cursor.Take(Role.Of);
            if (cursor.Take(Role.Month, out month))
            {
                return (month, day);
            }
        }

        cursor = begin;
        return null;
    }

    /// <summary>Whether a month ever has a day.</summary>
    public static bool Exists(int month, int day) => day >= 1 && day <= DateTime.DaysInMonth(2000, month);

    private static Phrase Of(PhraseKind kind, Cursor cursor, Read read) => new(read.Doubt is null ? kind : PhraseKind.Unclear, cursor.Start, cursor.Next)
    {
        Date = read.Date,
        Instant = read.Instant,
        Minutes = read.Minutes,
        Doubt = read.Doubt,
    };

    private static Read? Nothing(ref Cursor cursor, Cursor begin)
    {
        cursor = begin;
        return null;
    }

    // "On the 5th" at the end of a phrase; "the 5th wave" is none.
    private Phrase? OnTheDay(Cursor cursor)
    {
        if (!cursor.Take(Role.OnThe) || !cursor.TakeOrdinalDay(out var day) || !cursor.AtEnd)
        {
            return null;
        }

        var month = new DateOnly(Today.Year, Today.Month, 1);
        for (var i = 0; i < 12 && day is >= 1 and <= 31; i++, month = month.AddMonths(1))
        {
            if (day <= DateTime.DaysInMonth(month.Year, month.Month) && month.AddDays(day - 1) is var date && date >= Today)
            {
                return Of(PhraseKind.Date, cursor, date) with { IsCued = true };
            }
        }

        return Of(PhraseKind.Date, cursor, Doubt.NoSuchDate);
    }

    private DateOnly? NextYearly(int month, int day)
    {
        for (var year = Today.Year; year <= Today.Year + 8 && year <= MaxYear; year++)
        {
            if (day <= DateTime.DaysInMonth(year, month) && new DateOnly(year, month, day) is var date && date >= Today)
            {
                return date;
            }
        }

        return null;
    }

    private Read WithYear(int year, int month, int day) =>
        month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) ? Doubt.NoSuchDate
        : new DateOnly(year, month, day) is var date && date < Today ? Doubt.Past
        : date;

    // 2026-12-01, 2026-12-01T09:30, an instant of RFC 3339, 31.12.2026, 31/12/2026.
    private Read? Digits(string word, Cursor behind)
    {
        if (word.Length is < 3 or > 40 || !char.IsAsciiDigit(word[0]))
        {
            return null;
        }

        if (word.Length > 10 && word[4] == '-' && word[10] == 't')
        {
            return WithTime(word.ToUpperInvariant());
        }

        var separator = word.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (separator < 0 || word[separator] is not ('-' or '.' or '/') || Parts(word, word[separator]) is not { } parts)
        {
            return null;
        }

        return (word[separator], parts) switch
        {
            ('-', [var year, var month, var day]) when word.Length == 10 && separator == 4 => WithYear(year, month, day),
            ('.', [var day, var month, >= 1900 and <= MaxYear and var year]) => WithYear(year, month, day),
            ('.', [var day, var month]) when behind.Words.OrdinalPoint && behind.Last.After.StartsWith('.') && month is >= 1 and <= 12 =>
                NextYearly(month, day) is { } next ? next : Doubt.NoSuchDate,
            ('/', [var one, var two, >= 1900 and <= MaxYear and var year]) when one == two || one > 12 || two > 12 =>
                one > 12 ? WithYear(year, two, one) : WithYear(year, one, two),
            ('/', [>= 1 and <= 12, >= 1 and <= 31]) or ('/', [>= 1 and <= 31, >= 1 and <= 12]) or ('/', [>= 1 and <= 12, >= 1 and <= 12, >= 1900 and <= MaxYear]) =>
                Doubt.DayOrMonthFirst,
            _ => (Read?)null,
        };
    }

    private Read? WithTime(string word)
    {
        string[] formats = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];
        var read = DateTime.TryParseExact(word, formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) ? new ZoneClock(context.Zone).Resolve(local).Instant
            : DueDate.TryParseInstant(word, out var instant) ? TimeZoneInfo.ConvertTime(instant, context.Zone)
            : (DateTimeOffset?)null;
        return read is not { } at ? Doubt.NoSuchDate : at < context.Now ? Doubt.Past : at.Year > MaxYear ? Doubt.TooFar : new Read(null, at);
    }

    private static int[]? Parts(string word, char separator)
    {
        var parts = word.Split(separator);
        var numbers = new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Length is 0 or > 4 || !int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return null;
            }
        }

        return numbers;
    }
}
