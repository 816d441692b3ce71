using System.Text.Json;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Reminders;
using TodoFlow.Infrastructure.Assistant.Tools;

namespace TodoFlow.Functions.Assistant.Tools;

/// <summary>Reads when to remind.</summary>
internal static class ReminderTimes
{
    /// <summary>Reads a list; null where the field is absent.</summary>
    /// <param name="fields">The fields of a task.</param>
    /// <param name="zone">The zone of local times.</param>
    /// <exception cref="ProblemException">400: an entry is neither an offset nor a time, or there are more than a task may have.</exception>
    public static List<ReminderTime>? Read(IReadOnlyDictionary<string, JsonElement> fields, TimeZoneInfo zone)
    {
        if (!fields.TryGetValue("reminders", out var list))
        {
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > Reminder.MaxPerTask)
        {
            throw Problem.Invalid("reminders", $"must be a list of at most {Reminder.MaxPerTask} texts").AsException();
        }

        return [.. list.EnumerateArray().Select((entry, index) => Read(entry.ValueKind == JsonValueKind.String ? entry.GetString() : null, index, zone))];
    }

    private static ReminderTime Read(string? text, int index, TimeZoneInfo zone) =>
        ReminderOffset.TryParse(text, out _) ? new(text, null)
        : WrittenDueDate.TryParse(text, out var written) && written.In(zone) is { AllDay: false, Instant: { } at } ? new(null, at)
        : throw Problem.Invalid($"reminders[{index}]", $"must be {ReminderOffset.Expected}, or a time such as 2026-03-01T09:30:00").AsException();
}
