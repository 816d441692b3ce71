using TodoFlow.Domain.Tasks;

namespace TodoFlow.Domain.QuickAdd;

internal enum PhraseKind
{
    Date,
    Time,
    Rule,
    Until,
    Reminder,
    Tag,
    Priority,
    Unclear,
}

/// <summary>Why a phrase is left in the title.</summary>
/// <param name="Code">A stable word.</param>
/// <param name="Message">For people.</param>
internal sealed record Doubt(string Code, string Message)
{
    public static Doubt NoSuchDate { get; } = new("invalid_date", "There is no such date.");

    public static Doubt NoSuchTime { get; } = new("invalid_time", "There is no such time of day.");

    public static Doubt Past { get; } = new("past_date", "This date has passed.");

    public static Doubt TooFar { get; } = new("too_far", "This is too far away.");

    public static Doubt DayOrMonthFirst { get; } = new("unclear_date", "The day or the month may come first: write the month as a word, or YYYY-MM-DD.");

    public static Doubt HalfOfDay { get; } = new("unclear_time", "This may be before noon or after: add am or pm, or write it with two digits as in 09:30.");

    public static Doubt Word { get; } = new("unclear_word", "This may be a day or another word: write the day in full, or a word such as \"on\" before it.");

    public static Doubt NoDay { get; } = new("unclear_date", "This names no day.");

    public static Doubt WeekEnd { get; } = new("unclear_date", "A week may end on Friday or on Sunday: name the day.");

    public static Doubt NextWeekend { get; } = new("unclear_date", "This may be the coming weekend or the one after: name the date.");

    public static Doubt Rhythm { get; } = new("unclear_recurrence", "This may be a recurrence or a part of the title: begin with \"every\", or put it at the end.");

    public static Doubt TwoRhythms { get; } = new("unclear_recurrence", "This may mean two things: write \"every other\", or add \"of the month\".");

    public static Doubt NotDue { get; } = new("not_due", "The word before it says that it is no due date.");

    public static Doubt Range { get; } = new("range", "A task is due at one time, not in a range.");

    public static Doubt Several(string what) => new("several", $"There is more than one {what}: put what belongs to the title in quotes.");

    public static Doubt WithoutDate { get; } = new("without_date", "The date that it belongs to was not understood.");

    public static Doubt BesideRule { get; } = new("beside_recurrence", "The recurrence says the day already: write \"starting\" before its first date.");

    public static Doubt NoRule { get; } = new("without_recurrence", "Only a recurrence has an end.");

    public static Doubt EndsBefore { get; } = new("invalid_date", "The recurrence would end before it begins.");

    public static Doubt NoDueDate { get; } = new("without_date", "There is no due date that the reminder could count from.");

    public static Doubt AfterDue { get; } = new("reminder_after_due", "The reminder would come after the due date.");

    public static Doubt LongBefore { get; } = new("too_far", "A reminder comes at most 365 days before the due date.");

    public static Doubt LongTag { get; } = new("invalid_tag", "A tag has at most 50 characters.");

    public static Doubt ManyTags { get; } = new("invalid_tag", "A task has at most 50 tags.");
}

/// <summary>A recurrence as it was written.</summary>
/// <param name="Text">The alias or rule to store.</param>
/// <param name="Rule">The same as a rule.</param>
/// <param name="Days">The rule without its interval, which finds the first day; null where any day is one.</param>
/// <param name="Elapsed">The interval of a rule that counts hours or minutes.</param>
/// <param name="Minutes">The time of day that it implies, in minutes.</param>
internal sealed record Rhythm(string Text, string Rule, string? Days = null, TimeSpan? Elapsed = null, int? Minutes = null)
{
    public bool FromCompletion { get; init; }
}

/// <summary>A phrase of the text, from one token to before another.</summary>
internal sealed record Phrase(PhraseKind Kind, int First, int Next)
{
    /// <summary>The date of a date, an end or a reminder.</summary>
    public DateOnly? Date { get; init; }

    /// <summary>The instant instead of a date.</summary>
    public DateTimeOffset? Instant { get; init; }

    /// <summary>The time of day in minutes; 1,440 is the end of the day.</summary>
    public int? Minutes { get; init; }

    /// <summary>Whether an exact time beside it is meant instead.</summary>
    public bool IsVague { get; init; }

    /// <summary>Whether it is meant only where a date or a recurrence stands directly beside it.</summary>
    public bool IsWeak { get; init; }

    /// <summary>Whether it begins with a word that belongs to it, such as "on".</summary>
    public bool IsCued { get; init; }

    /// <summary>Whether it is the first date of a recurrence; 1 where it is nothing else.</summary>
    public int? Starting { get; init; }

    /// <summary>Whether an end is a due date where there is no recurrence.</summary>
    public bool IsDueToo { get; init; }

    public Rhythm? Rhythm { get; init; }

    /// <summary>How long before the due date; zero at the due date.</summary>
    public string? Offset { get; init; }

    /// <summary>Whether there shall be no reminder.</summary>
    public bool NoReminder { get; init; }

    public string? Tag { get; init; }

    public TaskPriority Priority { get; init; }

    /// <summary>Why it is left in the title.</summary>
    public Doubt? Doubt { get; init; }

    /// <summary>Whether it says when the task is due.</summary>
    public bool IsDue => Kind is PhraseKind.Date or PhraseKind.Time;
}
