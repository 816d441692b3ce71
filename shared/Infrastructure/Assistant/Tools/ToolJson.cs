using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Infrastructure.Assistant.Tools;

/// <summary>
/// Tasks as a language model is told of them: short, since each field costs tokens, and with every date in its zone and beside its weekday,
/// since models reckon both wrong. Texts are values of JSON, never a part of a sentence.
/// </summary>
public static class ToolJson
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>JSON as text that stays readable: nothing of it is ever put into HTML.</summary>
    public static string Text(JsonNode json) => json.ToJsonString(Readable);

    /// <summary>A task without its description.</summary>
    /// <param name="task">The task.</param>
    /// <param name="now">The time of the call, UTC, by which it is overdue.</param>
    public static JsonObject Of(TaskResponse task, DateTimeOffset now)
    {
        var zone = ZoneIds.TryFind(task.TimeZone, out var found) ? found : TimeZoneInfo.Utc;
        var json = new JsonObject
        {
            ["id"] = task.Id.ToString(),
            ["title"] = task.Title,
            ["status"] = Name(task.Status),
            ["priority"] = Name(task.Priority),
        };
        if (task.Tags.Length > 0)
        {
            json["tags"] = new JsonArray([.. task.Tags.Select(tag => JsonValue.Create(tag))]);
        }

        if (DueDate.TryParse(task.DueDate, out var due))
        {
            json["due_date"] = due.AllDay ? due.Text : In(zone, due.Instant.Value);
            json["due_weekday"] = Weekday(due.AllDay ? due.Date.Value : DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(due.Instant.Value, zone).DateTime));
            if (task.Status == TaskItemStatus.Pending && due.OverdueAt(zone) <= now)
            {
                json["overdue"] = true;
            }
        }

        json["time_zone"] = zone.Id;
        if (task.Recurrence != "none")
        {
            json["recurrence"] = task.Recurrence;
            json["recurrence_basis"] = Name(task.RecurrenceBasis);
        }

        if (task.CompletedAt is { } completed)
        {
            json["completed_at"] = In(zone, completed);
            json["completed_weekday"] = Weekday(zone, completed);
        }

        if (!string.IsNullOrEmpty(task.Description))
        {
            json["has_description"] = true;
        }

        return json;
    }

    /// <summary>A task with all that is known of it.</summary>
    /// <param name="task">The task.</param>
    /// <param name="reminders">Those that wait.</param>
    /// <param name="now">The time of the call, UTC.</param>
    public static JsonObject Whole(TaskResponse task, IEnumerable<ReminderResponse> reminders, DateTimeOffset now)
    {
        var json = Of(task, now);
        json.Remove("has_description");
        json["description"] = task.Description;
        var zone = TimeZoneInfo.FindSystemTimeZoneById((string)json["time_zone"]!);
        json["reminders"] = new JsonArray([.. reminders.Select(reminder => Of(reminder, zone))]);
        json["created_at"] = In(zone, task.CreatedAt);
        json["created_weekday"] = Weekday(zone, task.CreatedAt);
        json["version"] = task.Version;
        return json;
    }

    /// <summary>A reminder that waits.</summary>
    public static JsonObject Of(ReminderResponse reminder, TimeZoneInfo zone)
    {
        var json = new JsonObject { ["remind_at"] = In(zone, reminder.RemindAt), ["weekday"] = Weekday(zone, reminder.RemindAt) };
        if (reminder.ReminderOffset is { } offset)
        {
            json["before_due"] = offset;
        }

        return json;
    }

    /// <summary>An instant as a clock in a zone shows it, with its offset.</summary>
    public static string In(TimeZoneInfo zone, DateTimeOffset instant) =>
        TimeZoneInfo.ConvertTime(instant, zone).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    /// <summary>The weekday of an instant in a zone, in English.</summary>
    public static string Weekday(TimeZoneInfo zone, DateTimeOffset instant) => Weekday(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime));

    private static string Weekday(DateOnly date) => date.DayOfWeek.ToString();

    private static string Name<T>(T member)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(member.ToString());
}
