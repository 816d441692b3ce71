using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Reminders;

namespace TodoFlow.Functions.Tasks;

/// <summary>What the fields of a task that a client sends must keep, beyond their type.</summary>
internal static class TaskFields
{
    /// <summary>Trimmed and without repeats, in the order that they were sent.</summary>
    public static string[] Distinct(string[] tags) => [.. tags.Select(tag => tag.Trim()).Distinct(StringComparer.Ordinal)];

    /// <summary>A rule as it is stored; null for one that says nothing.</summary>
    public static string? Recurrence(string? rule) => rule is null || RecurrenceRule.Parse(rule) is not { IsNone: false } known ? null : known.Text;

    /// <summary>What is wrong with a zone, a rule or an offset; nothing with one that is not named.</summary>
    public static IEnumerable<FieldError> Check(string? timeZone, string? recurrence, string? reminderOffset)
    {
        foreach (var error in CheckTimeZone(timeZone))
        {
            yield return error;
        }

        if (recurrence is not null && !RecurrenceRule.TryParse(recurrence, out _, out var wrong))
        {
            yield return new("recurrence", $"is no rule: {wrong}");
        }

        if (reminderOffset is not null && !ReminderOffset.TryParse(reminderOffset, out _))
        {
            yield return new("reminder_offset", $"must be {ReminderOffset.Expected}");
        }
    }

    /// <summary>What is wrong with a zone.</summary>
    public static IEnumerable<FieldError> CheckTimeZone(string? id) =>
        id is null || ZoneIds.TryFind(id, out _) ? [] : [new("time_zone", "must be an IANA time zone such as Europe/Berlin")];
}
