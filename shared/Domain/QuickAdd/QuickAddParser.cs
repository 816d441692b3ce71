using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Domain.QuickAdd;

/// <summary>
/// Reads a task from one line as people write it: "Call mom tomorrow 5pm #family p1". Deterministic and pure: the same text, time, zone
/// and preferences give the same task. It reads whole words alone, and what may mean two things it leaves in the title and says so
/// (docs/quick-add.md). The cost is linear in the length of the text.
/// </summary>
public static class QuickAddParser
{
    /// <summary>The longest text, in Unicode code points.</summary>
    public const int MaxLength = 4000;

    /// <summary>Reads a text. Throws for none.</summary>
    /// <param name="text">What the user wrote; not longer than <see cref="MaxLength"/>, for which the caller sees.</param>
    /// <param name="context">The time, the zone and the preferences.</param>
    public static QuickAddResult Parse(string text, QuickAddContext context)
    {
        var (read, words, dates) = (new QuickAddText(text, context.Keep), WordTable.Of(context.Language), new DateGrammar(context));
        var phrases = PhraseChoice.Choose(Scan(read, words, dates), read, words);
        var due = new DueResolution(context, dates.Today).Resolve(phrases);
        phrases = due.Phrases;

        string[] tags = [.. phrases.Where(phrase => phrase.Kind == PhraseKind.Tag).Select(phrase => phrase.Tag!).Distinct(StringComparer.Ordinal)];
        var priority = phrases.FirstOrDefault(phrase => phrase.Kind == PhraseKind.Priority)?.Priority ?? TaskPriority.Medium;
        var spans = Spans(read, phrases, due);
        var edit = new TaskEdit
        {
            Title = QuickAddTitle.Of(text, spans),
            Description = null,
            Priority = priority,
            Tags = tags,
            DueDate = due.Due,
            TimeZone = context.Zone.Id,
            Recurrence = due.Rule,
            Rule = due.Rule is null ? null : RecurrenceRule.Parse(due.Rule),
            RecurrenceBasis = due.FromCompletion ? RecurrenceBasis.Completion : RecurrenceBasis.Due,
            ReminderOffset = due.HasReminder ? new(due.Offset) : default,
        };
        return new(edit, spans, [.. phrases.Where(phrase => phrase.Kind == PhraseKind.Unclear).Select(phrase => Note(read, phrase))]);
    }

    // At each word the first grammar that reads something; then on behind it. No word is read again but by the few words before it.
    private static List<Phrase> Scan(QuickAddText text, WordTable words, DateGrammar dates)
    {
        var phrases = new List<Phrase>();
        for (var i = 0; i < text.Tokens.Count;)
        {
            var cursor = new Cursor(text, words, i);
            if (text.Tokens[i].IsLiteral)
            {
                i++;
                continue;
            }

            var name = cursor;
            if (name.Take(Role.Name))
            {
                i = name.Next;
                continue;
            }

            var phrase = ChipGrammar.Tag(cursor) ?? ChipGrammar.Priority(cursor) ?? ChipGrammar.Reminder(cursor, dates)
                ?? RhythmGrammar.Phrase(cursor) ?? dates.Until(cursor) ?? dates.Phrase(cursor) ?? TimeGrammar.Phrase(cursor);
            if (phrase is not null)
            {
                phrases.Add(phrase);
            }

            i = phrase?.Next ?? i + 1;
        }

        return phrases;
    }

    private static List<QuickAddSpan> Spans(QuickAddText text, IReadOnlyList<Phrase> phrases, DueResolution due)
    {
        var spans = text.Literals.Select(range => new QuickAddSpan(range.Start, range.End, QuickAddKind.Literal, text.Text[range.Start..range.End])).ToList();
        Phrase? before = null;
        foreach (var phrase in phrases.Where(phrase => phrase.Kind != PhraseKind.Unclear))
        {
            var (start, last) = (text.Tokens[phrase.First].Start, text.Tokens[phrase.Next - 1]);
            var hasPoint = phrase.Kind != PhraseKind.Tag && last.After is ['.', ..] && (char.IsAsciiDigit(last.Word[^1]) || last.Word.Contains('.')); // "15.", "p.m."
            var end = last.End + (hasPoint ? 1 : 0);
            if (phrase.IsDue && before is { IsDue: true } && before.Next == phrase.First)
            {
                spans[^1] = spans[^1] with { End = end }; // "tomorrow 5pm" is one
            }
            else
            {
                spans.Add(Span(start, end, phrase, due));
            }

            before = phrase;
        }

        return QuickAddTitle.WithPunctuation(text.Text, [.. spans.OrderBy(span => span.Start)]);
    }

    private static QuickAddSpan Span(int start, int end, Phrase phrase, DueResolution due) => phrase.Kind switch
    {
        PhraseKind.Tag => new(start, end, QuickAddKind.Tag, phrase.Tag!),
        PhraseKind.Priority => new(start, end, QuickAddKind.Priority, phrase.Priority.ToString().ToLowerInvariant()),
        PhraseKind.Rule or PhraseKind.Until => new(start, end, QuickAddKind.Recurrence, due.Rule!),
        PhraseKind.Reminder => new(start, end, QuickAddKind.Reminder, due.Offset ?? "none"),
        _ => new(start, end, QuickAddKind.Due, due.Due!.Text),
    };

    private static QuickAddNote Note(QuickAddText text, Phrase phrase)
    {
        var (start, end) = (text.Tokens[phrase.First].Start, text.Tokens[phrase.Next - 1].End);
        return new(start, end, text.Text[start..end], phrase.Doubt!.Code, phrase.Doubt.Message);
    }
}
