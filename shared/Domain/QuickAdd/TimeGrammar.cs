using System.Globalization;

namespace TodoFlow.Domain.QuickAdd;

/// <summary>Times of day, in minutes since midnight.</summary>
internal static class TimeGrammar
{
    /// <summary>The end of the day.</summary>
    public const int EndOfDay = 24 * 60;

    /// <summary>Reads a time with the words that may stand before it.</summary>
    public static Phrase? Phrase(Cursor cursor)
    {
        var begin = cursor;
        if (!cursor.Take(Role.Starting, out var bare) || bare == 1)
        {
            cursor = begin;
        }

        var isAt = cursor.Take(Role.At);
        var isCued = isAt || cursor.Take(Role.By) || cursor.Next > begin.Next;
        if (!isCued && cursor.Take(Role.PartOfDay, out var hour))
        {
            return new(PhraseKind.Time, cursor.Start, cursor.Next) { Minutes = hour * 60, IsVague = true, IsWeak = true };
        }

        if (cursor.Take(Role.NamedTime, out hour))
        {
            var stands = isCued || (hour == 12 && cursor.IsLast);
            return new(PhraseKind.Time, cursor.Start, cursor.Next) { Minutes = hour * 60, IsCued = isCued, IsWeak = !stands };
        }

        if (Digits(ref cursor, isAt) is not var (minutes, needsCue, doubt))
        {
            return null;
        }

        var isWeak = needsCue && !isCued;
        return doubt is null
            ? new(PhraseKind.Time, cursor.Start, cursor.Next) { Minutes = minutes, IsCued = isCued, IsWeak = isWeak, Doubt = isWeak ? Doubt.HalfOfDay : null }
            : new(PhraseKind.Unclear, cursor.Start, cursor.Next) { IsCued = isCued, Doubt = doubt };
    }

    /// <summary>Whether a time follows.</summary>
    public static bool Follows(Cursor cursor) =>
        cursor.Restart() is { } start && Phrase(start) is { Kind: PhraseKind.Time } or { Kind: PhraseKind.Unclear };

    private static (int Minutes, bool NeedsCue, Doubt? Doubt)? Digits(ref Cursor cursor, bool isAt)
    {
        if (!cursor.TakeWord(out var word) || Clock(word) is not var (hour, minute, half))
        {
            return null;
        }

        if (half is null && cursor.Take(Role.HalfDay, out var written))
        {
            half = written;
        }

        if (half is { } noon)
        {
            return hour is >= 1 and <= 12 && minute is null or < 60 ? ((hour % 12 + noon) * 60 + (minute ?? 0), false, null) : (0, false, Doubt.NoSuchTime);
        }

        var isClock = cursor.Take(Role.Hour24);
        if (!isClock && cursor.Take(Role.Hour12))
        {
            return hour is >= 1 and <= 12 && minute is null ? (0, false, Doubt.HalfOfDay) : null;
        }

        if (minute is null && !isClock)
        {
            return !isAt || !cursor.AtEnd || word.Length > 2 ? null
                : hour > 24 ? null
                : hour > 12 || cursor.Words.BareHours ? (hour * 60, false, null)
                : (0, false, Doubt.HalfOfDay);
        }

        var minutes = (hour * 60) + (minute ?? 0);
        return minute >= 60 || minutes > EndOfDay ? (isAt || isClock || word.Length == 5 ? (0, false, Doubt.NoSuchTime) : null) : (minutes, !isClock && word.Length < 5, null);
    }

    // 5, 5pm, 5:30, 17:30, 5:30p.m
    private static (int Hour, int? Minute, int? Half)? Clock(string word)
    {
        var digits = word.AsSpan().IndexOfAnyExceptInRange('0', '9');
        var hours = digits < 0 ? word.Length : digits;
        if (hours is 0 or > 2)
        {
            return null;
        }

        var hour = int.Parse(word.AsSpan(0, hours), NumberStyles.None, CultureInfo.InvariantCulture);
        var rest = word.AsSpan(hours);
        int? minute = null;
        if (rest is [':', >= '0' and <= '9', >= '0' and <= '9', ..])
        {
            minute = int.Parse(rest.Slice(1, 2), NumberStyles.None, CultureInfo.InvariantCulture);
            rest = rest[3..];
        }

        return rest switch
        {
            "" => (hour, minute, null),
            "am" or "a.m" => (hour, minute, 0),
            "pm" or "p.m" => (hour, minute, 12),
            _ => null,
        };
    }
}
