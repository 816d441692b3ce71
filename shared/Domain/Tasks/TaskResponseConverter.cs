using System.Text.Json;
using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;
using TodoFlow.Domain.Recurrence;

namespace TodoFlow.Domain.Tasks;

/// <summary>
/// Writes a task as its source-generated shape does, in a third of the time: a list of 50 is mostly this. A test holds the two to
/// each other, field by field.
/// </summary>
public sealed class TaskResponseConverter : JsonConverter<TaskResponse>
{
    private static readonly JsonEncodedText[] Statuses = [.. Names<TaskItemStatus>()];
    private static readonly JsonEncodedText[] Priorities = [.. Names<TaskPriority>()];
    private static readonly JsonEncodedText[] Bases = [.. Names<RecurrenceBasis>()];

    /// <inheritdoc/>
    public override TaskResponse? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize(ref reader, TaskJson.Default.TaskResponse);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TaskResponse value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, value.Id);
        writer.WriteString("user_id"u8, value.UserId);
        writer.WriteString("title"u8, value.Title);
        writer.WriteString("description"u8, value.Description);
        writer.WriteString("status"u8, Statuses[(int)value.Status]);
        writer.WriteString("priority"u8, Priorities[(int)value.Priority]);
        writer.WriteStartArray("tags"u8);
        foreach (var tag in value.Tags)
        {
            writer.WriteStringValue(tag);
        }

        writer.WriteEndArray();
        writer.WriteString("due_date"u8, value.DueDate);
        writer.WriteString("time_zone"u8, value.TimeZone);
        writer.WriteString("recurrence"u8, value.Recurrence);
        writer.WriteString("recurrence_basis"u8, Bases[(int)value.RecurrenceBasis]);
        Write(writer, "parent_task_id"u8, value.ParentTaskId);
        Write(writer, "series_id"u8, value.SeriesId);
        if (value.Occurrence is { } occurrence)
        {
            writer.WriteNumber("occurrence"u8, occurrence);
        }
        else
        {
            writer.WriteNull("occurrence"u8);
        }

        writer.WriteString("reminder_offset"u8, value.ReminderOffset);
        writer.WriteNumber("version"u8, value.Version);
        Write(writer, "created_at"u8, value.CreatedAt);
        Write(writer, "updated_at"u8, value.UpdatedAt);
        Write(writer, "completed_at"u8, value.CompletedAt);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, Guid? value)
    {
        if (value is { } id)
        {
            writer.WriteString(name, id);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset? value)
    {
        writer.WritePropertyName(name);
        if (value is { } instant)
        {
            UtcInstantConverter.Write(writer, instant);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    // By number, as they are stored: both count from 0.
    private static IEnumerable<JsonEncodedText> Names<T>()
        where T : struct, Enum =>
        Enum.GetNames<T>().Select(name => JsonEncodedText.Encode(JsonNamingPolicy.SnakeCaseLower.ConvertName(name)));
}
