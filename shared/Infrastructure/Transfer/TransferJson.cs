using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Chat;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>A task in an exported file.</summary>
/// <param name="Task">The task.</param>
/// <param name="Series">Its place in the rhythm of its series, skipped occurrences counted; null where it does not recur.</param>
/// <param name="Reminders">Its reminders, whatever became of them.</param>
public sealed record ExportedTask(TaskResponse Task, SeriesData? Series, IReadOnlyList<ReminderResponse> Reminders);

/// <summary>A browser that gets Web Push, in an exported file: without its address and keys, which are secrets.</summary>
/// <param name="Id">The subscription.</param>
/// <param name="Service">The host of its push service.</param>
/// <param name="CreatedAt">When the user subscribed there.</param>
/// <param name="ExpiresAt">When it ends; null where the browser named no instant.</param>
public sealed record ExportedPushSubscription(Guid Id, string Service, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <summary>A personal access token in an exported file.</summary>
/// <param name="Name">What the user calls it.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends.</param>
public sealed record ExportedToken(string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>How an exported file is written: snake_case, instants in UTC. Source-generated.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MeResponse))]
[JsonSerializable(typeof(PreferencesResponse))]
[JsonSerializable(typeof(SessionResponse))]
[JsonSerializable(typeof(ExportedToken))]
[JsonSerializable(typeof(ExportedPushSubscription))]
[JsonSerializable(typeof(ExportedTask))]
[JsonSerializable(typeof(TrashedTaskResponse))]
[JsonSerializable(typeof(NotificationResponse))]
[JsonSerializable(typeof(ConversationResponse))]
[JsonSerializable(typeof(ExportedHistory))]
internal sealed partial class TransferJson : JsonSerializerContext
{
    /// <summary>As it is written.</summary>
    public static TransferJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new UtcInstantConverter(), new TaskResponseConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
