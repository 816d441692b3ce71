using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Tasks;
using TodoFlow.Messaging.Events;

namespace TodoFlow.Infrastructure.Realtime;

/// <summary>A message to every device of a user that is connected.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Target">What it is: the client's method.</param>
/// <param name="Payload">What it says: the method's only argument.</param>
public sealed record RealtimeMessage(Guid UserId, string Target, JsonElement Payload);

/// <summary>
/// What devices are told of the events on <c>task-updates</c>. It is told once and never again: a device that was not connected asks
/// for what it missed. So what cannot be read is passed over, like types that are unknown.
/// </summary>
public sealed partial class RealtimeMessages(TimeProvider clock, ILogger<RealtimeMessages> log)
{
    /// <summary>What is older is no news, but the backlog of a group that just began to read: nobody waits for it.</summary>
    private static readonly TimeSpan Newest = TimeSpan.FromHours(1);

    /// <summary>The messages, in the order of the records.</summary>
    /// <param name="group">Who reads them.</param>
    /// <param name="records">The records.</param>
    public IReadOnlyList<RealtimeMessage> Read(string group, IReadOnlyList<EventRecord> records)
    {
        var messages = new List<RealtimeMessage>(records.Count);
        var now = clock.GetUtcNow();
        var oldest = now - Newest;
        foreach (var record in records)
        {
            if (!Event.TryRead(record.Value, out var read, out var reason))
            {
                LogUnreadable(record.Topic, record.Partition, record.Offset, reason);
            }
            else if (read.Time >= oldest && ToMessage(read) is { } message)
            {
                messages.Add(message);
                EventTelemetry.Processed(group, record, read, now);
            }
        }

        return messages;
    }

    private static RealtimeMessage? ToMessage(Event read) => read.Data switch
    {
        TaskChangeData change => new(change.UserId, RealtimeHub.TaskUpdate, JsonSerializer.SerializeToElement(
            new TaskUpdateMessage(change.TaskId, change.Change, change.Version, change.Fields, read.Time, read.CorrelationId),
            RealtimeJson.Wire.TaskUpdateMessage)),
        NotificationPushedData pushed => new(pushed.UserId, RealtimeHub.Reminder, JsonSerializer.SerializeToElement(
            new ReminderMessage(
                pushed.NotificationId, pushed.ReminderId, pushed.TaskId, pushed.Title, pushed.Body, pushed.RemindAt, pushed.Late, pushed.CreatedAt),
            RealtimeJson.Wire.ReminderMessage)),
        _ => null,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The record {Topic}/{Partition}@{Offset} is told to no device: {Reason}")]
    private partial void LogUnreadable(string topic, int partition, long offset, string reason);
}

/// <summary>The message <c>task_update</c>.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Change">What happened to it: deleted is in the trash, purged is gone.</param>
/// <param name="Version">The task's version after the change: a device that has this one or a later one knows it already.</param>
/// <param name="Fields">The changed fields and their new values; the whole task where it was created or restored; nothing where it was deleted or purged.</param>
/// <param name="ChangedAt">When.</param>
/// <param name="CorrelationId">The request that caused it: a device knows its own changes by it.</param>
public sealed record TaskUpdateMessage(
    Guid TaskId,
    [property: AllowedValues("created", "updated", "completed", "reopened", "deleted", "restored", "purged")] string Change,
    long Version,
    JsonElement Fields,
    DateTimeOffset ChangedAt,
    string CorrelationId);

/// <summary>The message <c>reminder</c>.</summary>
/// <param name="NotificationId">The notification: by which a repeat is known.</param>
/// <param name="ReminderId">The reminder that it comes from; null where there is none.</param>
/// <param name="TaskId">The task that it is about.</param>
/// <param name="Title">What to show first.</param>
/// <param name="Body">The text below it.</param>
/// <param name="RemindAt">The instant that the reminder was set to; null where there is none.</param>
/// <param name="Late">Whether it was fired later than it should have been.</param>
/// <param name="CreatedAt">When the notification was made.</param>
public sealed record ReminderMessage(
    Guid NotificationId, Guid? ReminderId, Guid TaskId, string Title, string Body, DateTimeOffset? RemindAt, bool Late, DateTimeOffset CreatedAt);
