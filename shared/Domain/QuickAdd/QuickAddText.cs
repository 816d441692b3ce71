using System.Buffers;

namespace TodoFlow.Domain.QuickAdd;

/// <summary>A word of the text, without the punctuation around it.</summary>
/// <param name="Start">Its first UTF-16 unit.</param>
/// <param name="End">The UTF-16 unit behind it.</param>
/// <param name="Word">The word in lower case, umlauts as one character.</param>
/// <param name="After">The punctuation behind it, up to the next white space.</param>
/// <param name="Opens">Whether an opening bracket or quote stands before it.</param>
/// <param name="IsLiteral">Whether it is no word of ours, whatever it looks like.</param>
internal readonly record struct Token(int Start, int End, string Word, string After, bool Opens, bool IsLiteral);

/// <summary>
/// Splits a text into words, by hand and in one pass: what white space parts, without brackets and punctuation at both ends. So a word is
/// always a whole one, and the cost is linear.
/// </summary>
internal sealed class QuickAddText
{
    private const string Opening = "([{<¿¡'‘‚\"“„«";
    private static readonly SearchValues<char> Closing = SearchValues.Create(",.;:!?)]}>…'’‘\"“”»");
    private static readonly (char Open, string Close)[] Quotes = [('"', "\""), ('“', "”"), ('„', "“”"), ('«', "»"), ('`', "`")];

    public QuickAddText(string text, IEnumerable<TextRange> keep)
    {
        Text = text;
        Kept = [.. keep.Select(range => new TextRange(Math.Clamp(range.Start, 0, text.Length), Math.Clamp(range.End, 0, text.Length))).Where(range => range.Start < range.End)];
        var literals = Kept.Concat(FindQuotes(text)).OrderBy(range => range.Start).ToList();
        Literals = Merge(literals);
        Tokens = Split();
    }

    public string Text { get; }

    public IReadOnlyList<Token> Tokens { get; }

    /// <summary>What stays in the title, in order; no two overlap.</summary>
    public IReadOnlyList<TextRange> Literals { get; }

    private IReadOnlyList<TextRange> Kept { get; }

    /// <summary>Whether a phrase may go on from a word to the next: nothing but the point of an abbreviation stands between them.</summary>
    public bool Continues(int index) =>
        index + 1 < Tokens.Count && Tokens[index].After is "" or "." && !Tokens[index + 1].Opens && !Tokens[index + 1].IsLiteral;

    /// <summary>As <see cref="Continues"/>, or a comma stands between them.</summary>
    public bool ContinuesOverComma(int index) =>
        Continues(index) || (index + 1 < Tokens.Count && Tokens[index].After is "," && !Tokens[index + 1].Opens && !Tokens[index + 1].IsLiteral);

    // A quote begins at the beginning of a word, so inches and apostrophes begin none.
    private static List<TextRange> FindQuotes(string text)
    {
        var found = new List<TextRange>();
        var last = Quotes.Select(quote => text.AsSpan().LastIndexOfAny(quote.Close)).ToArray(); // so that no search for what is not there repeats itself
        for (var i = 0; i < text.Length; i++)
        {
            var kind = i == 0 || char.IsWhiteSpace(text[i - 1]) || text[i - 1] is '(' or '[' ? Array.FindIndex(Quotes, quote => quote.Open == text[i]) : -1;
            if (kind >= 0 && last[kind] > i + 1)
            {
                var end = i + 2 + text.AsSpan(i + 1).IndexOfAny(Quotes[kind].Close);
                found.Add(new(i, end));
                i = end - 1;
            }
        }

        return found;
    }

    private static List<TextRange> Merge(List<TextRange> ordered)
    {
        var merged = new List<TextRange>();
        foreach (var range in ordered)
        {
            if (merged.Count > 0 && range.Start < merged[^1].End)
            {
                merged[^1] = new(merged[^1].Start, Math.Max(merged[^1].End, range.End));
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }

    private List<Token> Split()
    {
        var tokens = new List<Token>();
        var literal = 0;
        for (var i = 0; i < Text.Length;)
        {
            if (char.IsWhiteSpace(Text[i]))
            {
                i++;
                continue;
            }

            var (start, end) = (i, i);
            while (end < Text.Length && !char.IsWhiteSpace(Text[end]))
            {
                end++;
            }

            i = end;
            while (literal < Literals.Count && Literals[literal].End <= start)
            {
                literal++;
            }

            var isLiteral = literal < Literals.Count && Literals[literal].Start < end;
            var first = start;
            while (!isLiteral && first < end - 1 && Opening.Contains(Text[first], StringComparison.Ordinal))
            {
                first++;
            }

            var length = isLiteral ? end - first : Math.Max(1, 1 + Text.AsSpan(first, end - first).LastIndexOfAnyExcept(Closing));
            tokens.Add(new(first, first + length, isLiteral ? "" : Fold(Text.AsSpan(first, length)), Text[(first + length)..end], first > start, isLiteral));
        }

        return tokens;
    }

    // Umlauts may be written as a letter and a combining diaeresis (NFD); the runtime normalizes nothing where it has no ICU.
    private static string Fold(ReadOnlySpan<char> word)
    {
        var folded = word.ToString().ToLowerInvariant();
        return folded.Contains('\u0308', StringComparison.Ordinal)
            ? folded.Replace("a\u0308", "ä", StringComparison.Ordinal).Replace("o\u0308", "ö", StringComparison.Ordinal).Replace("u\u0308", "ü", StringComparison.Ordinal)
            : folded;
    }
}
