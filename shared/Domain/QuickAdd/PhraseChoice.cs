using TodoFlow.Domain.Tasks;

namespace TodoFlow.Domain.QuickAdd;

/// <summary>
/// Decides which phrases are meant, by what stands beside them. Where two say different things neither is taken: both stay in the title,
/// and the user is told.
/// </summary>
internal static class PhraseChoice
{
    // A time does not stand for itself where the date that it belongs to was not understood.
    private static readonly string[] OfDates = ["invalid_date", "past_date", "too_far", "range"];

    public static List<Phrase> Choose(List<Phrase> found, QuickAddText text, WordTable words)
    {
        var hasRule = found.Exists(phrase => phrase.Kind == PhraseKind.Rule);
        var phrases = WithoutWeak([.. found.Select(phrase => phrase switch
        {
            { Kind: PhraseKind.Until } when !hasRule => phrase.IsDueToo ? phrase with { Kind = PhraseKind.Date } : Unclear(phrase, Doubt.NotDue),
            { Kind: PhraseKind.Date, Starting: 1 } when !hasRule => Unclear(phrase, Doubt.NotDue),
            _ => phrase,
        })]);
        Ranges(phrases, text, words);
        BehindOtherWords(phrases, text, words);
        var severalDates = Single(phrases, PhraseKind.Date, "date");
        Single(phrases, PhraseKind.Rule, "recurrence");
        Single(phrases, PhraseKind.Until, "end");
        Single(phrases, PhraseKind.Reminder, "reminder");
        Times(phrases, severalDates);
        if (phrases.Where(phrase => phrase.Kind == PhraseKind.Priority).DistinctBy(phrase => phrase.Priority).Count() > 1)
        {
            Leave(phrases, phrase => phrase.Kind == PhraseKind.Priority, Doubt.Several("priority"));
        }

        var tags = new HashSet<string>(StringComparer.Ordinal);
        Leave(phrases, phrase => phrase.Kind == PhraseKind.Tag && (tags.Count == TaskItem.MaxTags ? !tags.Contains(phrase.Tag!) : !tags.Add(phrase.Tag!) && false), Doubt.ManyTags);
        return phrases;
    }

    /// <summary>The same phrase, left in the title.</summary>
    public static Phrase Unclear(Phrase phrase, Doubt doubt) => phrase with { Kind = PhraseKind.Unclear, Doubt = doubt };

    // "Morning" alone is a word; beside a date or a recurrence it is a time.
    private static List<Phrase> WithoutWeak(List<Phrase> found)
    {
        var phrases = new List<Phrase>(found.Count);
        for (var i = 0; i < found.Count; i++)
        {
            var phrase = found[i];
            var stands = !phrase.IsWeak
                || (phrases.Count > 0 && phrases[^1].Next == phrase.First && phrases[^1].Kind is PhraseKind.Date or PhraseKind.Time or PhraseKind.Rule)
                || (i + 1 < found.Count && found[i + 1].First == phrase.Next && (found[i + 1].Kind is PhraseKind.Date or PhraseKind.Rule || found[i + 1] is { Kind: PhraseKind.Time, IsWeak: false }));
            if (stands)
            {
                phrases.Add(phrase with { Doubt = phrase.Kind == PhraseKind.Unclear ? phrase.Doubt : null });
            }
            else if (phrase.Doubt is { } doubt)
            {
                phrases.Add(Unclear(phrase, doubt));
            }
        }

        return phrases;
    }

    // "Monday to friday", "9am - 5pm", "monday and tuesday".
    private static void Ranges(List<Phrase> phrases, QuickAddText text, WordTable words)
    {
        for (var i = 0; i + 1 < phrases.Count; i++)
        {
            var (one, other) = (phrases[i], phrases[i + 1]);
            if (!MayJoin(one, other) || other.First - one.Next is not (0 or 1) || text.Tokens[one.Next].IsLiteral)
            {
                continue;
            }

            var roles = words.StartingWith(text.Tokens[one.Next].Word);
            if (roles.Any(entry => entry.Role == Role.Range))
            {
                (phrases[i], phrases[i + 1]) = (Unclear(one, Doubt.Range), Unclear(other, Doubt.Range));
            }
            else if (other.First > one.Next && roles.Any(entry => entry.Role == Role.And))
            {
                var several = Doubt.Several(one.Kind == PhraseKind.Time ? "time" : "date");
                (phrases[i], phrases[i + 1]) = (Unclear(one, several), Unclear(other, several));
            }
        }
    }

    private static bool MayJoin(Phrase one, Phrase other) => (one.Kind, other.Kind) switch
    {
        (PhraseKind.Date, PhraseKind.Date or PhraseKind.Until) or (PhraseKind.Time, PhraseKind.Time) => true,
        (PhraseKind.Unclear, PhraseKind.Date or PhraseKind.Time) => one.Doubt == Doubt.Range || one.Doubt == Doubt.Word || one.Doubt == Doubt.HalfOfDay,
        (PhraseKind.Date or PhraseKind.Time, PhraseKind.Unclear) => other.Doubt == Doubt.Word || other.Doubt == Doubt.HalfOfDay,
        _ => false,
    };

    // "Before friday", "the monday meeting": the whole run of dates and times behind the word stays.
    private static void BehindOtherWords(List<Phrase> phrases, QuickAddText text, WordTable words)
    {
        for (var i = 0; i < phrases.Count; i++)
        {
            var first = phrases[i].First;
            var isBehind = phrases[i] is { IsDue: true, IsCued: false } && first > 0 && !text.Tokens[first - 1].IsLiteral && text.Continues(first - 1)
                && words.StartingWith(text.Tokens[first - 1].Word).Any(entry => entry.Role == Role.NotDue && entry.Words.Length == 1)
                && (i == 0 || phrases[i - 1].Next < first);
            while (isBehind)
            {
                phrases[i] = Unclear(phrases[i], Doubt.NotDue);
                isBehind = i + 1 < phrases.Count && phrases[i + 1].IsDue && phrases[i + 1].First == phrases[i].Next;
                i += isBehind ? 1 : 0;
            }
        }
    }

    private static bool Single(List<Phrase> phrases, PhraseKind kind, string what)
    {
        var several = phrases.Count(phrase => phrase.Kind == kind) > 1;
        if (several)
        {
            Leave(phrases, phrase => phrase.Kind == kind, Doubt.Several(what));
        }

        return several;
    }

    private static void Times(List<Phrase> phrases, bool severalDates)
    {
        var date = phrases.Find(phrase => phrase.Kind == PhraseKind.Date);
        if (phrases.Count(phrase => phrase is { Kind: PhraseKind.Time, IsVague: false }) + (date?.Instant is null ? 0 : 1) > 1)
        {
            Leave(phrases, phrase => phrase.Kind == PhraseKind.Time || phrase == date && date?.Instant is not null, Doubt.Several("time"));
        }

        if (phrases.Count(phrase => phrase is { Kind: PhraseKind.Time, IsVague: true }) > 1)
        {
            Leave(phrases, phrase => phrase is { Kind: PhraseKind.Time, IsVague: true }, Doubt.Several("time"));
        }

        if (date is null)
        {
            var lost = phrases.Where(phrase => phrase.Kind == PhraseKind.Unclear && (severalDates || OfDates.Contains(phrase.Doubt!.Code))).ToList();
            var beside = phrases.Where(phrase => phrase is { Kind: PhraseKind.Unclear, Doubt.Code: "unclear_date" or "unclear_word" }).SelectMany(phrase => new[] { phrase.First, phrase.Next }).ToHashSet();
            Leave(phrases, phrase => phrase.Kind == PhraseKind.Time && (lost.Count > 0 || beside.Contains(phrase.First) || beside.Contains(phrase.Next)), Doubt.WithoutDate);
        }
    }

    private static void Leave(List<Phrase> phrases, Func<Phrase, bool> which, Doubt doubt)
    {
        for (var i = 0; i < phrases.Count; i++)
        {
            phrases[i] = which(phrases[i]) ? Unclear(phrases[i], doubt) : phrases[i];
        }
    }
}
