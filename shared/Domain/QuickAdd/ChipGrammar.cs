using System.Globalization;
using System.Text;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Domain.QuickAdd;

/// <summary>Tags, priorities and reminders.</summary>
internal static class ChipGrammar
{
    private const int MaxTag = 50;

    /// <summary>Reads a tag: "#" and a word with a letter or a symbol in it, so "#42" is none.</summary>
    public static Phrase? Tag(Cursor cursor)
    {
        if (!cursor.TakeWord(out var word) || word is not ['#', _, ..] || word.AsSpan(1).Contains('#'))
        {
            return null;
        }

        var tag = cursor.Text.Text[(cursor.Last.Start + 1)..cursor.Last.End];
        return tag.Any(char.IsControl) || !tag.EnumerateRunes().Any(IsOfName) ? null
            : tag.EnumerateRunes().Count() > MaxTag ? new(PhraseKind.Unclear, cursor.Start, cursor.Next) { Doubt = Doubt.LongTag }
            : new(PhraseKind.Tag, cursor.Start, cursor.Next) { Tag = tag };
    }

    /// <summary>Reads a priority: "!high", "p1".</summary>
    public static Phrase? Priority(Cursor cursor)
    {
        if (!cursor.TakeWord(out var word))
        {
            return null;
        }

        TaskPriority? priority = Cursor.IsPriority(word) ? (TaskPriority)('3' - word[1])
            : word is ['!', ..] && cursor.Words.StartingWith(word[1..]).FirstOrDefault(entry => entry.Role == Role.Priority) is { } entry ? (TaskPriority)entry.Value
            : null;
        return priority is { } found ? new(PhraseKind.Priority, cursor.Start, cursor.Next) { Priority = found } : null;
    }

    /// <summary>Reads a reminder: a length of time before the due date, a date or time, or none at all.</summary>
    public static Phrase? Reminder(Cursor cursor, DateGrammar dates)
    {
        var begin = cursor;
        if (cursor.Take(Role.NoReminder))
        {
            return new(PhraseKind.Reminder, cursor.Start, cursor.Next) { NoReminder = true };
        }

        if (!cursor.Take(Role.Remind))
        {
            return null;
        }

        var before = cursor;
        if (before.TakeAmount(out var amount, out var unit) && before.Take(Role.Before))
        {
            return Before(before, amount, unit);
        }

        if (At(cursor, dates) is { } at)
        {
            return at;
        }

        return begin.Start == 0 && begin.Take(Role.RemindTo) ? new(PhraseKind.Reminder, begin.Start, begin.Next) { Offset = Text(TimeSpan.Zero) } : null;
    }

    /// <summary>A length of time in the words of <see cref="ReminderOffset"/>.</summary>
    public static string Text(TimeSpan offset) =>
        offset > TimeSpan.Zero && offset.Ticks % TimeSpan.TicksPerDay == 0 ? Text(offset.Ticks / TimeSpan.TicksPerDay, "day")
        : offset > TimeSpan.Zero && offset.Ticks % TimeSpan.TicksPerHour == 0 ? Text(offset.Ticks / TimeSpan.TicksPerHour, "hour")
        : offset.Ticks % TimeSpan.TicksPerMinute == 0 ? Text(offset.Ticks / TimeSpan.TicksPerMinute, "minute")
        : Text(offset.Ticks / TimeSpan.TicksPerSecond, "second");

    private static string Text(long amount, string unit) => string.Create(CultureInfo.InvariantCulture, $"{amount} {unit}{(amount == 1 ? "" : "s")}");

    private static Phrase Before(Cursor cursor, int amount, TimeUnit unit)
    {
        var name = unit switch
        {
            TimeUnit.Minute => "minute",
            TimeUnit.Hour => "hour",
            TimeUnit.Day => "day",
            TimeUnit.Week => "week",
            _ => null,
        };
        var offset = name is null ? null : Text(amount, name);
        return ReminderOffset.TryParse(offset, out _)
            ? new(PhraseKind.Reminder, cursor.Start, cursor.Next) { Offset = offset }
            : new(PhraseKind.Unclear, cursor.Start, cursor.Next) { Doubt = Doubt.LongBefore };
    }

    // A date, a time, or both in either order; and "to" where the whole text says of what to remind.
    private static Phrase? At(Cursor cursor, DateGrammar dates)
    {
        var (start, parts) = (cursor.Start, new List<Phrase>(2));
        var next = cursor.Next;
        while (parts.Count < 2 && (next == cursor.Next ? cursor.Text.Continues(next - 1) : cursor.Text.ContinuesOverComma(next - 1)))
        {
            var at = new Cursor(cursor.Text, cursor.Words, next);
            var part = parts is [{ Kind: PhraseKind.Date }] ? TimeGrammar.Phrase(at)
                : parts is [{ Kind: PhraseKind.Time }] ? dates.Phrase(at)
                : dates.Phrase(at) ?? TimeGrammar.Phrase(at);
            if (part is null || (part.Kind == PhraseKind.Time && part.Doubt is not null && parts.Count == 0))
            {
                break;
            }

            parts.Add(part);
            next = part.Next;
        }

        if (parts.Count == 0)
        {
            return null;
        }

        if (parts.Find(part => part.Kind == PhraseKind.Unclear) is { } unclear)
        {
            return new(PhraseKind.Unclear, start, next) { Doubt = unclear.Doubt };
        }

        var end = new Cursor(cursor.Text, cursor.Words, next - 1);
        if (start == 0 && end.TakeWord(out _) && end.Take(Role.To))
        {
            next = end.Next;
        }

        var (date, time) = (parts.Find(part => part.Kind == PhraseKind.Date), parts.Find(part => part.Kind == PhraseKind.Time));
        return new(PhraseKind.Reminder, start, next) { Date = date?.Date, Instant = date?.Instant, Minutes = time?.Minutes ?? date?.Minutes };
    }

    private static bool IsOfName(Rune rune) => Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.OtherSymbol;
}
