using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>What became of the tasks that notifications are about: what is sent is true when it is sent.</summary>
internal sealed class NotifiedTasks
{
    /// <summary>Why a delivery was cancelled whose reminder or task was deleted before it was sent.</summary>
    public const string Withdrawn = "withdrawn";

    /// <summary>Why a delivery was cancelled whose reminder was moved with its task, and will ring again.</summary>
    public const string Moved = "moved";

    /// <summary>Why a delivery was cancelled whose reminder was snoozed, and will ring again.</summary>
    public const string Snoozed = "snoozed";

    private readonly Dictionary<Guid, TaskItem> _tasks;
    private readonly Dictionary<Guid, (Guid? DueEventId, bool Snoozed)> _reminders;

    private NotifiedTasks(Dictionary<Guid, TaskItem> tasks, Dictionary<Guid, (Guid? DueEventId, bool Snoozed)> reminders)
    {
        (_tasks, _reminders) = (tasks, reminders);
    }

    /// <summary>Reads the tasks and reminders of notifications as they are now.</summary>
    public static async Task<NotifiedTasks> Read(TodoFlowDb db, IReadOnlyCollection<Notification> notifications, CancellationToken ct)
    {
        var reminders = notifications.Select(notification => notification.ReminderId).OfType<Guid>().Distinct().ToArray();
        return new(
            await ReadTasks(db, [.. notifications.Select(notification => notification.TaskId).Distinct()], ct),
            await db.Reminders.AsNoTracking().Where(reminder => reminders.Contains(reminder.Id))
                .Select(reminder => new { reminder.Id, reminder.DueEventId, reminder.Snoozed })
                .ToDictionaryAsync(reminder => reminder.Id, reminder => (reminder.DueEventId, reminder.Snoozed), ct));
    }

    /// <summary>The tasks that are still there.</summary>
    public static async Task<Dictionary<Guid, TaskItem>> ReadTasks(TodoFlowDb db, Guid[] ids, CancellationToken ct) =>
        ids.Length == 0 ? [] : await db.Tasks.AsNoTracking().Where(task => ids.Contains(task.Id)).ToDictionaryAsync(task => task.Id, ct);

    /// <summary>Why nobody is to be told any more: <see cref="Withdrawn"/>, <see cref="ReminderReasons.TaskCompleted"/>, <see cref="Moved"/> or <see cref="Snoozed"/>; null where they are.</summary>
    public string? WhyNot(Notification notification)
    {
        if (notification.WithdrawnAt is not null || !_tasks.TryGetValue(notification.TaskId, out var task))
        {
            return Withdrawn;
        }

        if (task.Status == TaskItemStatus.Completed)
        {
            return ReminderReasons.TaskCompleted;
        }

        // A reminder that was planned anew has forgotten its firing. One that stays as it is rings no second time, so it is told, with the date as it is now.
        return notification.ReminderId is { } id && _reminders.TryGetValue(id, out var reminder) && reminder.DueEventId != notification.EventId
            ? reminder.Snoozed ? Snoozed : Moved
            : null;
    }

    /// <summary>What a notification says of its task as it is now; as it was where the task is gone.</summary>
    /// <param name="notification">The notification.</param>
    /// <param name="zone">The zone in which times are named.</param>
    public (string Title, string Body) Text(Notification notification, TimeZoneInfo zone) =>
        Text(notification, _tasks.GetValueOrDefault(notification.TaskId), zone);

    /// <inheritdoc cref="Text(Notification, TimeZoneInfo)"/>
    public static (string Title, string Body) Text(Notification notification, TaskItem? task, TimeZoneInfo zone)
    {
        if (task is null || notification.RemindAt is not { } remindAt)
        {
            return (notification.Title, notification.Body);
        }

        var now = TaskResponse.From(task);
        return (ReminderText.Title(now), ReminderText.Body(now, remindAt, notification.Late, zone));
    }
}
