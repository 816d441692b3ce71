using System.Text.Json.Serialization;
using TodoFlow.Functions.Accounts;
using TodoFlow.Functions.Assistant.Tools;
using TodoFlow.Functions.Audit;
using TodoFlow.Functions.Chat;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Notifications;
using TodoFlow.Functions.Recurrence;
using TodoFlow.Functions.Reminders;
using TodoFlow.Functions.Sync;
using TodoFlow.Functions.Tasks;
using TodoFlow.Functions.Transfer;
using TodoFlow.Functions.Trash;

[assembly: RequestTypes(typeof(TodoFlow.Functions.RequestTypes))]

namespace TodoFlow.Functions;

/// <summary>Whatever a request's JSON or query string is read as; <see cref="RequestJson"/> says how.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AddPushSubscriptionRequest))]
[JsonSerializable(typeof(ChangePasswordRequest))]
[JsonSerializable(typeof(CreatePersonalTokenRequest))]
[JsonSerializable(typeof(CreateReminderRequest))]
[JsonSerializable(typeof(CreateTaskRequest))]
[JsonSerializable(typeof(FindTasksArguments))]
[JsonSerializable(typeof(DecideChatApprovalRequest))]
[JsonSerializable(typeof(ForgetPasswordRequest))]
[JsonSerializable(typeof(GetTaskHistoryQuery))]
[JsonSerializable(typeof(ImportTasksQuery))]
[JsonSerializable(typeof(ListConversationsQuery))]
[JsonSerializable(typeof(ListNotificationsQuery))]
[JsonSerializable(typeof(ListRemindersQuery))]
[JsonSerializable(typeof(ListTasksQuery))]
[JsonSerializable(typeof(ListTrashQuery))]
[JsonSerializable(typeof(LogInRequest))]
[JsonSerializable(typeof(MailTokenQuery))]
[JsonSerializable(typeof(MailTokenRequest))]
[JsonSerializable(typeof(PreviewRecurrenceRequest))]
[JsonSerializable(typeof(QuickAddTaskRequest))]
[JsonSerializable(typeof(QuietHoursRequest))]
[JsonSerializable(typeof(ReadAllNotificationsRequest))]
[JsonSerializable(typeof(RefreshRequest))]
[JsonSerializable(typeof(RegisterRequest))]
[JsonSerializable(typeof(RemovePushSubscriptionQuery))]
[JsonSerializable(typeof(RemovePushSubscriptionRequest))]
[JsonSerializable(typeof(RemoveTaskTagsQuery))]
[JsonSerializable(typeof(RescheduleArguments))]
[JsonSerializable(typeof(ResetPasswordRequest))]
[JsonSerializable(typeof(SearchTasksQuery))]
[JsonSerializable(typeof(SearchTasksRequest))]
[JsonSerializable(typeof(SendChatMessageRequest))]
[JsonSerializable(typeof(SetTaskPriorityRequest))]
[JsonSerializable(typeof(NotificationArgs))]
[JsonSerializable(typeof(ReminderArgs))]
[JsonSerializable(typeof(SignInByLinkRequest))]
[JsonSerializable(typeof(SnoozeReminderRequest))]
[JsonSerializable(typeof(SyncRequest))]
[JsonSerializable(typeof(TaskCommandsRequest))]
[JsonSerializable(typeof(TaskTagsRequest))]
[JsonSerializable(typeof(UpdateNotificationPreferencesRequest))]
[JsonSerializable(typeof(UpdateTaskRequest))]
internal sealed partial class RequestTypes : JsonSerializerContext;
