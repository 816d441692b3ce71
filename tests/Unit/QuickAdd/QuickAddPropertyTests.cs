using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.QuickAdd;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Tests.Unit.QuickAdd;

/// <summary>What holds for every text. A failure prints the seed that replays it: <c>[Property(Replay = "…")]</c>.</summary>
[Properties(MaxTest = 1000)]
public sealed class QuickAddPropertyTests
{
    private static readonly string[] Words =
    [
        "call", "mom", "tomorrow", "today", "tonight", "monday", "fri", "sun", "wed", "next", "this", "last", "week", "weekend", "month", "in", "3", "days", "2", "hours",
        "2h", "an", "a", "on", "at", "by", "for", "due", "the", "5th", "31", "jan", "feb", "may", "29", "2026-12-01", "2026-12-01t09:30", "31/12/2026", "9/11", "5pm", "9:30",
        "17:00", "25:00", "5", "pm", "noon", "midnight", "morning", "end of month", "every", "every!", "other", "and", "&", "15th", "weekday", "daily", "weekly", "biweekly",
        "starting", "from", "until", "to", "-", "remind me", "remind me to", "30 min before", "no reminder", "#home", "#", "#1", "!high", "!low", "p1", "p3", "\"", "“", "”",
        "(", "(tomorrow)", ",", "tomorrow,", "jan.", "!", "🥛", "e\u0301", "שלום", "\t", "\n", "\r\n", "\u00a0", "black friday", "before", "of the month", "second", "99999999999999999999",
        "morgen", "am", "um", "9 uhr", "jeden", "montag", "bis", "alle", "15.", "31.12.", "heute abend", "täglich", "erinnere mich", "vorher", "u\u0308bermorgen", "ende des monats",
    ];

    private static readonly string[] Zones = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "America/Santiago", "Asia/Kolkata", "Pacific/Kiritimati"];

    [Property]
    public Property What_was_understood_lies_within_the_text_and_in_order() => ForAll(example =>
    {
        var read = example.Read();
        var end = 0;
        foreach (var span in read.Spans)
        {
            if (span.Start < end || span.End <= span.Start || span.End > example.Text.Length)
            {
                return false;
            }

            end = span.End;
        }

        return read.Ambiguous.All(note => example.Text[note.Start..note.End] == note.Text);
    });

    [Property]
    public Property Without_the_spans_the_text_is_the_title() => ForAll(example =>
    {
        var read = example.Read();
        var rest = example.Text;
        foreach (var span in read.Spans.Where(span => span.Kind != QuickAddKind.Literal).Reverse())
        {
            rest = rest.Remove(span.Start, span.End - span.Start);
        }

        return Dense(rest) == Dense(read.Edit.Title.Value!);
    });

    [Property]
    public Property What_is_ambiguous_or_literal_stays_in_the_title() => ForAll(example =>
    {
        var read = example.Read();
        var title = Dense(read.Edit.Title.Value!);
        return read.Ambiguous.All(note => title.Contains(Dense(note.Text), StringComparison.Ordinal))
            && read.Spans.Where(span => span.Kind == QuickAddKind.Literal).All(span => title.Contains(Dense(span.Value), StringComparison.Ordinal));
    });

    [Property]
    public Property The_same_text_gives_the_same_task() => ForAll(example => Facts(example.Read()) == Facts(example.Read()));

    [Property]
    public Property Its_fields_are_those_that_a_task_may_have() => ForAll(example =>
    {
        var edit = example.Read().Edit;
        return (edit.DueDate.Value is not { } due || DueDate.TryParse(due.Text, out _))
            && (edit.Recurrence.Value is not { } rule || (RecurrenceRule.TryParse(rule, out _, out _) && edit.DueDate.Value is not null))
            && (edit.ReminderOffset.Value is not { } offset || (ReminderOffset.TryParse(offset, out _) && edit.DueDate.Value is not null))
            && edit.Tags.Value!.All(tag => tag.Trim() == tag && tag.EnumerateRunes().Count() is >= 1 and <= 50) && edit.Tags.Value!.Length <= TaskItem.MaxTags;
    });

    [Property]
    public Property Every_chip_has_a_value_and_every_value_a_chip() => ForAll(example =>
    {
        var (edit, kinds) = (example.Read().Edit, example.Read().Spans.Select(span => span.Kind).ToHashSet());
        return (edit.Recurrence.Value is not null) == kinds.Contains(QuickAddKind.Recurrence)
            && (edit.Tags.Value!.Length > 0) == kinds.Contains(QuickAddKind.Tag)
            && edit.ReminderOffset.IsSet == kinds.Contains(QuickAddKind.Reminder)
            && (edit.Priority.Value == TaskPriority.Medium || kinds.Contains(QuickAddKind.Priority))
            && (edit.DueDate.Value is not null || !kinds.Contains(QuickAddKind.Due))
            && (edit.DueDate.Value is null || kinds.Overlaps([QuickAddKind.Due, QuickAddKind.Recurrence, QuickAddKind.Reminder]));
    });

    [Property]
    public Property What_is_to_be_kept_is_the_title() => ForAll(example =>
    {
        var read = QuickAddParser.Parse(example.Text, example.Context with { Keep = [new(0, int.MaxValue)] });
        return read.Edit.Title.Value == PlainText.WithLineFeeds(example.Text.Trim()) && read.Edit.DueDate.Value is null && read.Ambiguous.Count == 0;
    });

    [Property]
    public Property A_time_alone_is_still_to_come() => Prop.ForAll(Contexts().ToArbitrary(), Gen.Choose(0, 1439).ToArbitrary(), (context, minute) =>
    {
        var due = QuickAddParser.Parse($"x at {minute / 60:00}:{minute % 60:00}", context).Edit.DueDate.Value!;
        return due.Instant > context.Now && due.Instant < context.Now.AddHours(50);
    });

    private static Property ForAll(Func<Example, bool> holds) => Prop.ForAll(Examples().ToArbitrary(), holds);

    private static Gen<QuickAddContext> Contexts() =>
        from zone in Gen.Elements(Zones)
        from minutes in Gen.Choose(0, 10 * 366 * 24 * 60)
        from seconds in Gen.Choose(0, 59)
        from language in Gen.Elements(QuickAddLanguage.En, QuickAddLanguage.De)
        select new QuickAddContext(new DateTimeOffset(2024, 1, 1, 0, 0, seconds, TimeSpan.Zero).AddMinutes(minutes), TimeZoneInfo.FindSystemTimeZoneById(zone), new TimeOnly(9, 0)) { Language = language };

    // Sentences of our words, and any characters at all, half surrogate pairs among them.
    private static Gen<Example> Examples() =>
        from context in Contexts()
        from words in Gen.Elements(Words).ListOf()
        from separator in Gen.Elements(" ", " ", " ", "  ", ", ", "")
        from noise in Gen.Choose(0, char.MaxValue).Select(code => (char)code).ArrayOf()
        from noisy in Gen.Choose(0, 4)
        select new Example(string.Join(separator, words.Take(20)) + (noisy == 0 ? new string(noise) : ""), context);

    private static string Dense(string text) => string.Concat(text.Where(character => !char.IsWhiteSpace(character)));

    private static string Facts(QuickAddResult read) => string.Join('|', [
        read.Edit.Title.Value!, read.Edit.DueDate.Value?.Text ?? "", read.Edit.Recurrence.Value ?? "", read.Edit.ReminderOffset.Value ?? "",
        .. read.Spans.Select(span => span.ToString()), .. read.Ambiguous.Select(note => note.ToString())]);

    private sealed record Example(string Text, QuickAddContext Context)
    {
        public QuickAddResult Read() => QuickAddParser.Parse(Text, Context);
    }
}
