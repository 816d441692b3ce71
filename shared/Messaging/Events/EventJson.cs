using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Messaging.Events;

/// <summary>How the data of events is written and read: snake_case, instants in UTC. Source-generated.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(UtcInstantConverter)])]
[JsonSerializable(typeof(TaskEventData))]
[JsonSerializable(typeof(TaskDeletedData))]
[JsonSerializable(typeof(TaskChangeData))]
[JsonSerializable(typeof(ReminderEventData))]
[JsonSerializable(typeof(NotificationPushedData))]
internal sealed partial class EventJson : JsonSerializerContext
{
    /// <summary>What is written: text stays readable, since nothing of it is ever put into HTML. Its shapes are those of <see cref="Default"/>.</summary>
    public static EventJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new UtcInstantConverter(), new TaskResponseConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
