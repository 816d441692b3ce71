using System.Globalization;

namespace TodoFlow.Domain.QuickAdd;

/// <summary>A place in the text that reads on word by word within one phrase. Copied to try something.</summary>
internal struct Cursor(QuickAddText text, WordTable words, int start)
{
    /// <summary>The phrase's first token.</summary>
    public int Start { get; } = start;

    /// <summary>The token to be read next.</summary>
    public int Next { get; private set; } = start;

    /// <summary>The language.</summary>
    public readonly WordTable Words => words;

    /// <summary>The text.</summary>
    public readonly QuickAddText Text => text;

    /// <summary>Whether the text is over, but for what is no word.</summary>
    public readonly bool IsLast => Next >= text.Tokens.Count;

    /// <summary>The token before <see cref="Next"/>.</summary>
    public readonly Token Last => text.Tokens[Next - 1];

    private int _shout = -1; // the token behind which an exclamation mark is read over

    /// <summary>Whether the phrase may be over here: the text is, or punctuation follows, or what may begin another phrase.</summary>
    public readonly bool AtEnd
    {
        get
        {
            if (Next >= text.Tokens.Count || text.Tokens[Next].IsLiteral || text.Tokens[Next].Opens || (Next > Start && IsBehindPunctuation))
            {
                return true;
            }

            var word = text.Tokens[Next].Word;
            return char.IsAsciiDigit(word[0]) || word[0] is '#' or '!' or '-' or '–' or '—'
                || IsPriority(word)
                || words.StartingWith(word).Any(entry => entry.Role is Role.Day or Role.Tonight or Role.Weekday or Role.Month or Role.Next or Role.This or Role.In or Role.On
                    or Role.OnThe or Role.At or Role.By or Role.Every or Role.EndOf or Role.NamedTime or Role.PartOfDay or Role.Starting or Role.Until or Role.Remind or Role.NoReminder);
        }
    }

    /// <summary>Whether a word is a priority's.</summary>
    public static bool IsPriority(string word) => word is ['p', >= '1' and <= '3'];

    /// <summary>Whether the token before is followed by an exclamation mark, which is then read over.</summary>
    public bool TakeShout()
    {
        var shouted = Last.After == "!";
        _shout = shouted ? Next - 1 : _shout;
        return shouted;
    }

    /// <summary>Reads words of a role, the longest that fit.</summary>
    public bool Take(Role role, out int value, bool overComma = false)
    {
        value = 0;
        if (!CanRead(overComma))
        {
            return false;
        }

        foreach (var entry in words.StartingWith(text.Tokens[Next].Word))
        {
            if (entry.Role == role && Fits(entry))
            {
                value = entry.Value;
                Next += entry.Words.Length;
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc cref="Take(Role, out int, bool)"/>
    public bool Take(Role role) => Take(role, out _);

    /// <summary>Whether words of a role follow.</summary>
    public readonly bool Peek(Role role)
    {
        var copy = this;
        return copy.Take(role);
    }

    /// <summary>A new phrase that begins here; null where the text is over.</summary>
    public readonly Cursor? Restart() => Next < text.Tokens.Count ? new(text, words, Next) : null;

    /// <summary>Reads a word, whatever it is.</summary>
    public bool TakeWord(out string word, bool overComma = false)
    {
        var can = CanRead(overComma);
        word = can ? text.Tokens[Next].Word : "";
        Next += can ? 1 : 0;
        return can;
    }

    /// <summary>Reads digits, at most as many as asked for.</summary>
    public bool TakeDigits(int most, out int number, bool overComma = false)
    {
        var before = this;
        if (TakeWord(out var word, overComma) && IsDigits(word, most, out number))
        {
            return true;
        }

        number = 0;
        this = before;
        return false;
    }

    /// <summary>Reads a day as an ordinal of digits: "5th", or "5." in languages that write so.</summary>
    public bool TakeOrdinalDay(out int day)
    {
        var before = this;
        if (TakeWord(out var word))
        {
            var digits = words.OrdinalPoint && Last.After.StartsWith('.') ? word
                : Array.Find(words.OrdinalSuffixes, suffix => word.EndsWith(suffix, StringComparison.Ordinal)) is { } suffix ? word[..^suffix.Length] : "";
            if (IsDigits(digits, 2, out day))
            {
                return true;
            }
        }

        day = 0;
        this = before;
        return false;
    }

    /// <summary>Reads a length of time: "3 days", "an hour", "30min".</summary>
    public bool TakeAmount(out int amount, out TimeUnit unit)
    {
        var before = this;
        if ((TakeDigits(4, out amount) || Take(Role.Number, out amount)) && Take(Role.Unit, out var value))
        {
            unit = (TimeUnit)value;
            return true;
        }

        this = before;
        if (TakeWord(out var word))
        {
            var digits = word.AsSpan().IndexOfAnyExceptInRange('0', '9');
            if (digits > 0 && IsDigits(word[..digits], 4, out amount)
                && words.StartingWith(word[digits..]).FirstOrDefault(entry => entry.Role == Role.Unit && entry.Words.Length == 1) is { } glued)
            {
                unit = (TimeUnit)glued.Value;
                return true;
            }
        }

        (amount, unit) = (0, default);
        this = before;
        return false;
    }

    private static bool IsDigits(string word, int most, out int number)
    {
        number = 0;
        return word.Length <= most && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    // The point of "15." belongs to the number.
    private readonly bool IsBehindPunctuation => Last.After.Length > 0 && !(words.OrdinalPoint && Last.After == "." && char.IsAsciiDigit(Last.Word[^1]));

    private readonly bool CanRead(bool overComma) =>
        Next < text.Tokens.Count && !text.Tokens[Next].IsLiteral
        && (Next == Start || (overComma ? text.ContinuesOverComma(Next - 1) : text.Continues(Next - 1)) || (_shout == Next - 1 && !text.Tokens[Next].Opens));

    private readonly bool Fits(Entry entry)
    {
        for (var i = 1; i < entry.Words.Length; i++)
        {
            if (!text.Continues(Next + i - 1) || text.Tokens[Next + i].Word != entry.Words[i])
            {
                return false;
            }
        }

        return true;
    }
}
