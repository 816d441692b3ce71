using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using TodoFlow.Accounts;
using TodoFlow.Audit;
using TodoFlow.Events;
using TodoFlow.Health;
using TodoFlow.Notifications;
using TodoFlow.Notifications.WebPush;
using TodoFlow.Problems;
using TodoFlow.Realtime;
using TodoFlow.Recurrence;
using TodoFlow.Reminders;
using TodoFlow.Tasks;

namespace TodoFlow.Json;

/// <summary>How everything that leaves TodoFlow is written: snake_case, instants in UTC. Source-generated.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(UtcInstantConverter)])]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(TokenResponse))]
[JsonSerializable(typeof(MeResponse))]
[JsonSerializable(typeof(TaskResponse))]
[JsonSerializable(typeof(List<TaskResponse>))]
[JsonSerializable(typeof(TaskSearchResponse))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(TaskEventData))]
[JsonSerializable(typeof(TaskChangeData))]
[JsonSerializable(typeof(Dictionary<string, JsonNode?>))]
[JsonSerializable(typeof(NotificationPushedData))]
[JsonSerializable(typeof(PushMessage))]
[JsonSerializable(typeof(PushKeyResponse))]
[JsonSerializable(typeof(PushSubscriptionResponse))]
[JsonSerializable(typeof(RealtimeConnection))]
[JsonSerializable(typeof(TaskUpdateMessage))]
[JsonSerializable(typeof(ReminderMessage))]
[JsonSerializable(typeof(ReminderEventData))]
[JsonSerializable(typeof(ReminderResponse))]
[JsonSerializable(typeof(List<ReminderResponse>))]
[JsonSerializable(typeof(NotificationResponse))]
[JsonSerializable(typeof(List<NotificationResponse>))]
[JsonSerializable(typeof(PreferencesResponse))]
[JsonSerializable(typeof(List<TraceStep>))]
[JsonSerializable(typeof(List<HistoryEntry>))]
[JsonSerializable(typeof(RecurrencePreview))]
[JsonSerializable(typeof(IReadOnlyList<FieldError>))]
public sealed partial class TodoFlowJson : JsonSerializerContext
{
    /// <summary>What is written. Its shapes are those of <see cref="Default"/>.</summary>
    public static TodoFlowJson Wire { get; } = new(Configure(new JsonSerializerOptions()));

    /// <summary>Sets how everything is written: text stays readable, since nothing of it is ever put into HTML.</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new UtcInstantConverter());
        options.Converters.Add(new TaskResponseConverter());
        return options;
    }
}

/// <summary>Writes instants as RFC 3339 in UTC with microseconds, which is what PostgreSQL keeps.</summary>
public sealed class UtcInstantConverter : JsonConverter<DateTimeOffset>
{
    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => Write(writer, value);

    /// <summary>Writes an instant.</summary>
    public static void Write(Utf8JsonWriter writer, DateTimeOffset value)
    {
        // As the format yyyy-MM-dd'T'HH:mm:ss.ffffff'Z' does, in a tenth of its time: a list of 50 tasks has over a hundred of them.
        var time = value.UtcDateTime;
        Span<byte> text = stackalloc byte[27];
        "0000-00-00T00:00:00.000000Z"u8.CopyTo(text);
        Digits(text[..4], time.Year);
        Digits(text[5..7], time.Month);
        Digits(text[8..10], time.Day);
        Digits(text[11..13], time.Hour);
        Digits(text[14..16], time.Minute);
        Digits(text[17..19], time.Second);
        Digits(text[20..26], (int)(time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond));
        writer.WriteStringValue(text);
    }

    private static void Digits(Span<byte> text, int value)
    {
        for (var i = text.Length - 1; i >= 0; i--)
        {
            (value, var digit) = Math.DivRem(value, 10);
            text[i] = (byte)('0' + digit);
        }
    }
}

/// <summary>Writes an enum's members in snake_case.</summary>
public sealed class SnakeCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
