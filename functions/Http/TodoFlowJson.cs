using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Chat;
using TodoFlow.Infrastructure.Audit;
using TodoFlow.Infrastructure.Health;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Notifications.WebPush;
using TodoFlow.Infrastructure.Realtime;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Infrastructure.Sync;
using TodoFlow.Infrastructure.Tasks;
using TodoFlow.Infrastructure.Transfer;

namespace TodoFlow.Functions.Http;

/// <summary>How responses are written: snake_case, instants in UTC. Source-generated.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(UtcInstantConverter)])]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(TokenResponse))]
[JsonSerializable(typeof(MeResponse))]
[JsonSerializable(typeof(List<SessionResponse>))]
[JsonSerializable(typeof(PersonalTokenResponse))]
[JsonSerializable(typeof(List<PersonalTokenResponse>))]
[JsonSerializable(typeof(TaskResponse))]
[JsonSerializable(typeof(List<TaskResponse>))]
[JsonSerializable(typeof(QuickAddResponse))]
[JsonSerializable(typeof(TaskSearchResponse))]
[JsonSerializable(typeof(List<TrashedTaskResponse>))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(PushKeyResponse))]
[JsonSerializable(typeof(PushSubscriptionResponse))]
[JsonSerializable(typeof(RealtimeConnection))]
[JsonSerializable(typeof(ReminderResponse))]
[JsonSerializable(typeof(List<ReminderResponse>))]
[JsonSerializable(typeof(NotificationResponse))]
[JsonSerializable(typeof(List<NotificationResponse>))]
[JsonSerializable(typeof(PreferencesResponse))]
[JsonSerializable(typeof(List<TraceStep>))]
[JsonSerializable(typeof(List<HistoryEntry>))]
[JsonSerializable(typeof(RecurrencePreview))]
[JsonSerializable(typeof(SyncResponse))]
[JsonSerializable(typeof(TaskCommandsResponse))]
[JsonSerializable(typeof(ImportResponse))]
[JsonSerializable(typeof(CalendarTokenResponse))]
[JsonSerializable(typeof(ProtectedResourceResponse))]
[JsonSerializable(typeof(ChatResponse))]
[JsonSerializable(typeof(ChatDelta))]
[JsonSerializable(typeof(ChatToolProgress))]
[JsonSerializable(typeof(ChatApproval))]
[JsonSerializable(typeof(List<ConversationSummary>))]
[JsonSerializable(typeof(ConversationResponse))]
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
