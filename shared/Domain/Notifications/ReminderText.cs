using System.Globalization;
using System.Text;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Domain.Notifications;

/// <summary>What a notification says about a reminder. Plain text; what a user typed stays what it is, but in one line.</summary>
public static class ReminderText
{
    private const string Day = "dddd, d MMMM yyyy";
    private const int LinesOfSummary = 10;
    private const int LongestLine = 120;

    /// <summary>The title of a task in one line.</summary>
    public static string Title(TaskResponse task) => OneLine(task.Title, int.MaxValue);

    /// <summary>When the task is due, and whether the reminder comes late.</summary>
    /// <param name="task">The task as it was when the reminder fired.</param>
    /// <param name="remindAt">The instant that the reminder was set to.</param>
    /// <param name="late">Whether it fired noticeably after it.</param>
    /// <param name="zone">The zone in which times are named.</param>
    public static string Body(TaskResponse task, DateTimeOffset remindAt, bool late, TimeZoneInfo zone)
    {
        var text = !DueDate.TryParse(task.DueDate, out var due) ? "You asked to be reminded."
            : due.AllDay ? $"Due on {due.Date.Value.ToString(Day, CultureInfo.InvariantCulture)}."
            : $"Due on {At(due.Instant.Value, zone)}.";
        return late ? $"{text} This reminder is late: it was set for {At(remindAt, zone)}." : text;
    }

    /// <summary>The title of a summary.</summary>
    public static string SummaryTitle(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} reminders");

    /// <summary>A line for each of the first notifications, and how many more there are.</summary>
    public static string SummaryBody(IReadOnlyList<(string Title, string Body)> first, int count)
    {
        var lines = first.Take(LinesOfSummary).Select(notification => $"{OneLine(notification.Title, LongestLine)} - {notification.Body}").ToList();
        if (count > lines.Count)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"and {count - lines.Count} more"));
        }

        return string.Join('\n', lines);
    }

    /// <summary>How many notifications a summary names.</summary>
    public static int MostLines => LinesOfSummary;

    private static string At(DateTimeOffset instant, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(instant, zone).ToString($"{Day} 'at' HH:mm", CultureInfo.InvariantCulture) + $" ({zone.Id})";

    private static string OneLine(string text, int most)
    {
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.Trim().EnumerateRunes())
        {
            if (line.Length >= most)
            {
                return line.Append('…').ToString();
            }

            line.Append(Breaks(rune) ? new Rune(' ') : rune);
        }

        return line.ToString();
    }

    private static bool Breaks(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
