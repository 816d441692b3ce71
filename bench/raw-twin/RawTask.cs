using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;

namespace TodoFlow.RawTwin;

/// <summary>Writes a task as TodoFlow answers it.</summary>
internal static class RawTask
{
    private const string InstantFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private static readonly JsonEncodedText[] Statuses = [JsonEncodedText.Encode("pending"), JsonEncodedText.Encode("completed")];
    private static readonly JsonEncodedText[] Priorities = [JsonEncodedText.Encode("low"), JsonEncodedText.Encode("medium"), JsonEncodedText.Encode("high")];
    private static readonly JsonEncodedText[] Bases = [JsonEncodedText.Encode("due"), JsonEncodedText.Encode("completion")];

    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static void Write(Utf8JsonWriter json, NpgsqlDataReader row)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, row.GetGuid(0));
        json.WriteString("user_id"u8, row.GetGuid(1));
        json.WriteString("title"u8, row.GetString(2));
        Text(json, "description"u8, row, 3);
        json.WriteString("status"u8, Statuses[row.GetInt16(4)]);
        json.WriteString("priority"u8, Priorities[row.GetInt16(5)]);
        WriteTags(json, row.GetFieldValue<string[]>(6));
        Text(json, "due_date"u8, row, 7);
        json.WriteString("time_zone"u8, row.GetString(8));
        json.WriteString("recurrence"u8, row.IsDBNull(9) ? "none" : row.GetString(9));
        json.WriteString("recurrence_basis"u8, Bases[row.GetInt16(10)]);
        Id(json, "parent_task_id"u8, row, 11);
        Id(json, "series_id"u8, row, 12);
        if (row.IsDBNull(13))
        {
            json.WriteNull("occurrence"u8);
        }
        else
        {
            json.WriteNumber("occurrence"u8, row.GetInt32(13));
        }

        Text(json, "reminder_offset"u8, row, 14);
        json.WriteNumber("version"u8, row.GetInt64(15));
        Instant(json, "created_at"u8, row.GetDateTime(16));
        Instant(json, "updated_at"u8, row.GetDateTime(17));
        WriteInstant(json, "completed_at"u8, row, 18);
        json.WriteEndObject();
    }

    public static void Write(
        Utf8JsonWriter json, Guid id, Guid user, string title, string? description, short priority, string[] tags, string due, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("user_id"u8, user);
        json.WriteString("title"u8, title);
        json.WriteString("description"u8, description);
        json.WriteString("status"u8, Statuses[0]);
        json.WriteString("priority"u8, Priorities[priority]);
        WriteTags(json, tags);
        json.WriteString("due_date"u8, due);
        json.WriteString("time_zone"u8, "UTC"u8);
        json.WriteString("recurrence"u8, "none"u8);
        json.WriteString("recurrence_basis"u8, Bases[0]);
        json.WriteNull("parent_task_id"u8);
        json.WriteNull("series_id"u8);
        json.WriteNull("occurrence"u8);
        json.WriteNull("reminder_offset"u8);
        json.WriteNumber("version"u8, 1);
        Instant(json, "created_at"u8, now.UtcDateTime);
        Instant(json, "updated_at"u8, now.UtcDateTime);
        json.WriteNull("completed_at"u8);
        json.WriteEndObject();
    }

    public static void WriteTags(Utf8JsonWriter json, string[] tags)
    {
        json.WriteStartArray("tags"u8);
        foreach (var tag in tags)
        {
            json.WriteStringValue(tag);
        }

        json.WriteEndArray();
    }

    public static void WriteInstant(Utf8JsonWriter json, ReadOnlySpan<byte> name, NpgsqlDataReader row, int column)
    {
        if (row.IsDBNull(column))
        {
            json.WriteNull(name);
        }
        else
        {
            Instant(json, name, row.GetDateTime(column));
        }
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, NpgsqlDataReader row, int column) =>
        json.WriteString(name, row.IsDBNull(column) ? null : row.GetString(column));

    private static void Id(Utf8JsonWriter json, ReadOnlySpan<byte> name, NpgsqlDataReader row, int column)
    {
        if (row.IsDBNull(column))
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteString(name, row.GetGuid(column));
        }
    }

    private static void Instant(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTime value)
    {
        Span<byte> text = stackalloc byte[27];
        value.TryFormat(text, out var written, InstantFormat, System.Globalization.CultureInfo.InvariantCulture);
        json.WriteString(name, text[..written]);
    }
}
