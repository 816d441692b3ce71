using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Domain.QuickAdd;

/// <summary>The languages that quick add reads.</summary>
[JsonConverter(typeof(SnakeCaseEnum<QuickAddLanguage>))]
public enum QuickAddLanguage
{
    /// <summary>English.</summary>
    En,

    /// <summary>German.</summary>
    De,
}

/// <summary>What a part of the text became.</summary>
[JsonConverter(typeof(SnakeCaseEnum<QuickAddKind>))]
public enum QuickAddKind
{
    /// <summary>The due date.</summary>
    Due,

    /// <summary>The recurrence.</summary>
    Recurrence,

    /// <summary>A tag.</summary>
    Tag,

    /// <summary>The priority.</summary>
    Priority,

    /// <summary>The reminder.</summary>
    Reminder,

    /// <summary>Text that stays in the title as it is: quoted, or named by the client.</summary>
    Literal,
}

/// <summary>A part of a text that was understood.</summary>
/// <param name="Start">Its first UTF-16 unit.</param>
/// <param name="End">The UTF-16 unit behind it.</param>
/// <param name="Kind">What it became.</param>
/// <param name="Value">The value of that field of the task; the text itself where it is literal.</param>
public sealed record QuickAddSpan(int Start, int End, QuickAddKind Kind, string Value);

/// <summary>A part of a text that looks like more than a title, and was left in it.</summary>
/// <param name="Start">Its first UTF-16 unit.</param>
/// <param name="End">The UTF-16 unit behind it.</param>
/// <param name="Text">The part.</param>
/// <param name="Code">Why, in a stable word such as <c>invalid_date</c>.</param>
/// <param name="Message">Why, and what to write instead, for people.</param>
public sealed record QuickAddNote(int Start, int End, string Text, string Code, string Message);

/// <summary>A part of a text, in UTF-16 units.</summary>
/// <param name="Start">Its first unit.</param>
/// <param name="End">The unit behind it.</param>
public readonly record struct TextRange(int Start, int End);

/// <summary>What a text is read with.</summary>
/// <param name="Now">The time, from which relative dates count.</param>
/// <param name="Zone">The user's zone, in which dates and times are meant.</param>
/// <param name="AllDayReminderTime">The time of day that the reminders of all-day tasks count from.</param>
public sealed record QuickAddContext(DateTimeOffset Now, TimeZoneInfo Zone, TimeOnly AllDayReminderTime)
{
    /// <summary>The language of the text.</summary>
    public QuickAddLanguage Language { get; init; }

    /// <summary>Parts that stay in the title, whatever they look like. What lies outside the text is ignored.</summary>
    public IReadOnlyList<TextRange> Keep { get; init; } = [];
}

/// <summary>What a text means.</summary>
/// <param name="Edit">The fields of the task; its title may be empty or too long.</param>
/// <param name="Spans">What was understood, in the order of the text; no two overlap.</param>
/// <param name="Ambiguous">What was left in the title, in the order of the text.</param>
public sealed record QuickAddResult(TaskEdit Edit, IReadOnlyList<QuickAddSpan> Spans, IReadOnlyList<QuickAddNote> Ambiguous)
{
    /// <summary>The longest title, in Unicode code points.</summary>
    public const int MaxTitle = 500;

    /// <summary>The fields of a task that may be stored: its title and its tags in the form that filters look for (NFC).</summary>
    /// <exception cref="ProblemException">400: the text leaves no title, or one that is too long.</exception>
    public TaskEdit Checked()
    {
        var title = Nfc.Normalize(Edit.Title.Value!);
        var length = title.EnumerateRunes().Count();
        return length switch
        {
            0 => throw Problem.Invalid("text", "leaves no title: say also what is to be done").AsException(),
            > MaxTitle => throw Problem.Invalid("text", $"leaves a title of {length} characters; it must have 1 to {MaxTitle}").AsException(),
            _ => Edit with { Title = title, Tags = Edit.Tags.Value!.Select(Nfc.Normalize).Distinct(StringComparer.Ordinal).ToArray() },
        };
    }
}
