using System.Text;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Domain.QuickAdd;

/// <summary>What is left of a text: the text without what was understood, and without the white space and punctuation that went with it.</summary>
internal static class QuickAddTitle
{
    /// <summary>The text outside of the spans, and within the literal ones; of the white space around a gap one side stays.</summary>
    public static string Of(string text, IReadOnlyList<QuickAddSpan> spans)
    {
        var title = new StringBuilder(text.Length);
        var next = 0;
        foreach (var span in spans.Where(span => span.Kind != QuickAddKind.Literal))
        {
            title.Append(text, next, span.Start - next);
            next = span.End;
            if (next < text.Length && text[next] is ',' or '.' or ';' or ':' or '!' or '?' or ')')
            {
                TrimEnd(title);
            }

            while ((title.Length == 0 || char.IsWhiteSpace(title[^1])) && next < text.Length && char.IsWhiteSpace(text[next]))
            {
                next++;
            }
        }

        return PlainText.WithLineFeeds(title.Append(text, next, text.Length - next).ToString().Trim());
    }

    /// <summary>
    /// The spans with the punctuation that only parted them from the rest: brackets around one, what stands behind those at the beginning,
    /// and the comma before those at the end or before another comma.
    /// </summary>
    public static List<QuickAddSpan> WithPunctuation(string text, List<QuickAddSpan> spans)
    {
        var isTail = true;
        for (var i = spans.Count - 1; i >= 0; i--)
        {
            var span = spans[i];
            var limit = i == 0 ? 0 : spans[i - 1].End;
            isTail &= span.Kind != QuickAddKind.Literal && IsWhite(text, span.End, i + 1 < spans.Count ? spans[i + 1].Start : text.Length);
            if (span.Kind == QuickAddKind.Literal)
            {
                continue;
            }

            if (span.Start > limit && span.End < text.Length && (text[span.Start - 1], text[span.End]) is ('(', ')') or ('[', ']') && (i + 1 == spans.Count || span.End < spans[i + 1].Start))
            {
                span = span with { Start = span.Start - 1, End = span.End + 1 };
                isTail = IsWhite(text, span.End, i + 1 < spans.Count ? spans[i + 1].Start : text.Length) && (i + 1 == spans.Count || isTail);
            }

            var before = span.Start - 1;
            while (before >= limit && char.IsWhiteSpace(text[before]))
            {
                before--;
            }

            if (before >= limit && (isTail || (span.End < text.Length && text[span.End] is ',' or ';'))
                && (text[before] is ',' or ';' || (text[before] is '-' or '–' or '—' && before > limit && char.IsWhiteSpace(text[before - 1]))))
            {
                span = span with { Start = before };
            }

            spans[i] = span;
        }

        for (var (i, end) = (0, 0); i < spans.Count && spans[i].Kind != QuickAddKind.Literal && IsWhite(text, end, spans[i].Start); i++)
        {
            var limit = i + 1 < spans.Count ? spans[i + 1].Start : text.Length;
            var behind = spans[i].End;
            while (behind < limit && text[behind] is ',' or ';' or ':')
            {
                behind++;
            }

            var dash = behind;
            while (dash < limit && char.IsWhiteSpace(text[dash]))
            {
                dash++;
            }

            if (dash > behind && dash + 1 < limit && text[dash] is '-' or '–' or '—' && char.IsWhiteSpace(text[dash + 1]))
            {
                behind = dash + 1;
            }

            spans[i] = spans[i] with { End = behind };
            end = behind;
        }

        return spans;
    }

    private static bool IsWhite(string text, int start, int end) => start >= end || text.AsSpan(start, end - start).IsWhiteSpace();

    private static void TrimEnd(StringBuilder title)
    {
        while (title.Length > 0 && char.IsWhiteSpace(title[^1]))
        {
            title.Length--;
        }
    }
}
