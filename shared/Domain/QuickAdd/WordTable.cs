namespace TodoFlow.Domain.QuickAdd;

/// <summary>What a word may be in a phrase. A word may be several things; the grammar decides by what it expects.</summary>
internal enum Role
{
    /// <summary>A day, as many days from today as its value.</summary>
    Day,

    /// <summary>This evening, at the hour of its value.</summary>
    Tonight,

    /// <summary>A day of the week: a <see cref="DayOfWeek"/>.</summary>
    Weekday,

    /// <summary>A <see cref="Weekday"/> that is also another word, so it needs something beside it.</summary>
    WeakWeekday,

    /// <summary>A day of the week in the plural, which recurs by itself.</summary>
    EachWeekday,

    /// <summary>A month, 1 to 12.</summary>
    Month,

    /// <summary>A <see cref="TimeUnit"/>.</summary>
    Unit,

    /// <summary>A number.</summary>
    Number,

    /// <summary>Which one in a row; -1 for the last.</summary>
    Ordinal,

    /// <summary>An <see cref="Ordinal"/> that may as well mean "every other".</summary>
    Second,

    /// <summary>"next".</summary>
    Next,

    /// <summary>"this".</summary>
    This,

    /// <summary>"in", before a length of time.</summary>
    In,

    /// <summary>"from now", behind a length of time.</summary>
    FromNow,

    /// <summary>What may stand before a date.</summary>
    On,

    /// <summary>What may stand before a day of the month that is a mere ordinal.</summary>
    OnThe,

    /// <summary>What may stand before a day and its month, as in "the 5th of May".</summary>
    The,

    /// <summary>What may stand before a time.</summary>
    At,

    /// <summary>What may stand before a date and before a time.</summary>
    By,

    /// <summary>"of", between a day and its month.</summary>
    Of,

    /// <summary>"of the month".</summary>
    OfMonth,

    /// <summary>"and".</summary>
    And,

    /// <summary>"every"; with an exclamation mark counted from completion.</summary>
    Every,

    /// <summary>"other", behind "every".</summary>
    Other,

    /// <summary>Monday to Friday.</summary>
    Workdays,

    /// <summary>Saturday, and Sunday.</summary>
    Weekend,

    /// <summary>The end of the <see cref="TimeUnit"/> that is its value.</summary>
    EndOf,

    /// <summary>The end of the next <see cref="TimeUnit"/>.</summary>
    EndOfNext,

    /// <summary>A part of the day, with its hour.</summary>
    PartOfDay,

    /// <summary>Noon (12) or midnight (24).</summary>
    NamedTime,

    /// <summary>Before noon (0) or after (12), behind a number.</summary>
    HalfDay,

    /// <summary>What follows an hour of 24.</summary>
    Hour24,

    /// <summary>What follows an hour that may be of either half of the day.</summary>
    Hour12,

    /// <summary>A recurrence in a word: its <see cref="TimeUnit"/>.</summary>
    Adverb,

    /// <summary>A recurrence that may be one of two.</summary>
    UnclearAdverb,

    /// <summary>"starting": the first date of a recurrence; its value is 1 where it says nothing without one.</summary>
    Starting,

    /// <summary>"until": the last date of a recurrence; its value is 1 where it also means "by".</summary>
    Until,

    /// <summary>"remind me".</summary>
    Remind,

    /// <summary>"remind me to", at the beginning.</summary>
    RemindTo,

    /// <summary>"to", behind a reminder at the beginning.</summary>
    To,

    /// <summary>"before", behind a length of time.</summary>
    Before,

    /// <summary>"no reminder".</summary>
    NoReminder,

    /// <summary>A word behind which a date is no due date.</summary>
    NotDue,

    /// <summary>What stands between the two ends of a range.</summary>
    Range,

    /// <summary>A name that holds the name of a day.</summary>
    Name,

    /// <summary>A priority, behind an exclamation mark: a <see cref="Tasks.TaskPriority"/>.</summary>
    Priority,
}

/// <summary>Lengths of time, and what recurrences count in.</summary>
internal enum TimeUnit
{
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,

    /// <summary>Monday to Friday; only an adverb.</summary>
    Workday,

    /// <summary>Two weeks; only an adverb.</summary>
    Fortnight,
}

/// <summary>A word or several that have a role.</summary>
/// <param name="Role">The role.</param>
/// <param name="Value">What it means there.</param>
/// <param name="Words">The words, folded.</param>
internal sealed record Entry(Role Role, int Value, string[] Words);

/// <summary>The words of a language. Another language is another table; the grammar is the same.</summary>
internal sealed class WordTable
{
    private readonly Dictionary<string, List<Entry>> _entries = new(StringComparer.Ordinal);

    /// <summary>What follows the digits of an ordinal, as in "5th".</summary>
    public string[] OrdinalSuffixes { get; init; } = [];

    /// <summary>Whether a point behind digits makes them an ordinal.</summary>
    public bool OrdinalPoint { get; init; }

    /// <summary>Whether "9" behind "at" is an hour of 24.</summary>
    public bool BareHours { get; init; }

    /// <summary>The table of a language.</summary>
    public static WordTable Of(QuickAddLanguage language) => language == QuickAddLanguage.De ? GermanWords.Table : EnglishWords.Table;

    /// <summary>What a word may begin.</summary>
    public IReadOnlyList<Entry> StartingWith(string word) => _entries.TryGetValue(word, out var found) ? found : [];

    /// <summary>Gives words a role. Those of a line are parted by commas, and mean the same.</summary>
    public WordTable Add(Role role, int value, string phrases)
    {
        foreach (var phrase in phrases.Split(", "))
        {
            var words = phrase.Split(' ');
            if (!_entries.TryGetValue(words[0], out var list))
            {
                _entries.Add(words[0], list = []);
            }

            list.Add(new(role, value, words));
            list.Sort((one, other) => other.Words.Length - one.Words.Length); // the longest first
        }

        return this;
    }

    /// <summary>Gives lines of words a role, with the values from <paramref name="first"/> on.</summary>
    public WordTable AddRow(Role role, int first, params string[] phrases)
    {
        foreach (var phrase in phrases)
        {
            Add(role, first++, phrase);
        }

        return this;
    }
}
