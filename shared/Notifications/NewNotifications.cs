using Microsoft.EntityFrameworkCore;
using TodoFlow.Events;
using TodoFlow.Persistence;
using TodoFlow.Reminders;
using TodoFlow.Tasks;

namespace TodoFlow.Notifications;

/// <summary>The notifications of one batch of due reminders with their deliveries and events, stored by a few statements however many they are.</summary>
internal sealed class NewNotifications(DateTimeOffset now)
{
    private readonly List<Notification> notifications = [];
    private readonly List<Delivery> deliveries = [];
    private readonly List<Reminder> ended = [];
    private readonly List<OutboxEvent> events = [];

    /// <summary>How many notifications there are.</summary>
    public int Count => notifications.Count;

    /// <summary>How many are delivered over a channel.</summary>
    public int Sent(string channel) => deliveries.Count(delivery => delivery.Channel == channel && delivery.Status == DeliveryStatus.Sent);

    /// <summary>Adds the notification of a reminder; without any channel that reaches the user the reminder fails instead.</summary>
    /// <param name="eventId">The event that it comes from.</param>
    /// <param name="reminder">The reminder, which is changed.</param>
    /// <param name="task">Its task.</param>
    /// <param name="recipient">The user.</param>
    /// <param name="external">The external channels that the user enabled and that reach them.</param>
    /// <returns>Whether there is a channel.</returns>
    public bool Add(Guid eventId, Reminder reminder, TaskResponse task, Recipient recipient, IReadOnlyList<string> external)
    {
        var (inApp, realtime) = (recipient.Preference.Enables(Channels.InApp), recipient.Preference.Enables(Channels.Realtime));
        if (!inApp && !realtime && external.Count == 0)
        {
            (reminder.Status, reminder.Reason) = (ReminderStatus.Failed, ReminderNotifier.NoChannel);
            End(reminder, new ReminderFailed(reminder, now));
            return false;
        }

        var notification = new Notification
        {
            Id = EventId.New(now, notifications.Count),
            UserId = reminder.UserId,
            TaskId = reminder.TaskId,
            ReminderId = reminder.Id,
            EventId = eventId,
            Title = ReminderText.Title(task),
            Body = ReminderText.Body(task, reminder.RemindAt, reminder.Late, recipient.Zone),
            RemindAt = reminder.RemindAt,
            Late = reminder.Late,
            Listed = inApp,
            CreatedAt = now,
        };
        notifications.Add(notification);
        var quietUntil = recipient.QuietUntil(now);
        if (inApp)
        {
            Deliver(notification, Channels.InApp, DeliveryStatus.Sent, null);
        }

        if (realtime)
        {
            Deliver(notification, Channels.Realtime, quietUntil is null ? DeliveryStatus.Sent : DeliveryStatus.Deferred, quietUntil);
            if (quietUntil is null)
            {
                Announce(new NotificationPushed(
                    notification.Id, reminder.Id, reminder.TaskId, reminder.UserId, notification.Title, notification.Body, reminder.RemindAt,
                    reminder.Late, now, now));
            }
        }

        foreach (var channel in external)
        {
            Deliver(notification, channel, quietUntil is null ? DeliveryStatus.Pending : DeliveryStatus.Deferred, quietUntil);
        }

        if (inApp || (realtime && quietUntil is null))
        {
            (reminder.Status, reminder.SentAt) = (ReminderStatus.Sent, now);
            End(reminder, new ReminderSent(reminder, inApp ? Channels.InApp : Channels.Realtime, now));
        }

        return true;
    }

    /// <summary>Stores everything in the transaction of <paramref name="db"/>; the events are left to its save.</summary>
    public async Task Store(TodoFlowDb db, CancellationToken ct)
    {
        if (notifications.Count > 0)
        {
            await StoreNotifications(db, ct);
            await StoreDeliveries(db, ct);
        }

        if (ended.Count > 0)
        {
            await StoreReminders(db, ct);
        }

        db.Outbox.AddRange(events);
    }

    private void End(Reminder reminder, ReminderEvent fact)
    {
        reminder.UpdatedAt = now;
        ended.Add(reminder);
        Announce(fact);
    }

    private void Announce(IFact fact) => events.AddRange(fact.ToEvents(events.Count));

    private void Deliver(Notification notification, string channel, DeliveryStatus status, DateTimeOffset? quietUntil) => deliveries.Add(new Delivery
    {
        Id = EventId.New(now, deliveries.Count),
        NotificationId = notification.Id,
        UserId = notification.UserId,
        Channel = channel,
        Status = status,
        DueAt = status == DeliveryStatus.Sent ? null : quietUntil ?? now,
        CreatedAt = now,
        DeferredAt = quietUntil is null || status == DeliveryStatus.Sent ? null : now,
        DeferredUntil = status == DeliveryStatus.Sent ? null : quietUntil,
        EndedAt = status == DeliveryStatus.Sent ? now : null,
        TraceParent = status == DeliveryStatus.Sent ? null : Telemetry.TraceParent,
    });

    private Task<int> StoreNotifications(TodoFlowDb db, CancellationToken ct)
    {
        var ids = notifications.Select(notification => notification.Id).ToArray();
        var users = notifications.Select(notification => notification.UserId).ToArray();
        var tasks = notifications.Select(notification => notification.TaskId).ToArray();
        var reminders = notifications.Select(notification => notification.ReminderId!.Value).ToArray();
        var causes = notifications.Select(notification => notification.EventId).ToArray();
        var titles = notifications.Select(notification => notification.Title).ToArray();
        var bodies = notifications.Select(notification => notification.Body).ToArray();
        var instants = notifications.Select(notification => notification.RemindAt!.Value).ToArray();
        var late = notifications.Select(notification => notification.Late).ToArray();
        var listed = notifications.Select(notification => notification.Listed).ToArray();
        return db.Database.ExecuteSqlAsync(
            $"""
            insert into notification (id, user_id, task_id, reminder_id, event_id, title, body, remind_at, late, listed, created_at)
            select made.*, {now}
            from unnest({ids}, {users}, {tasks}, {reminders}, {causes}, {titles}, {bodies}, {instants}, {late}, {listed}) as made
            """,
            ct);
    }

    private Task<int> StoreDeliveries(TodoFlowDb db, CancellationToken ct)
    {
        var ids = deliveries.Select(delivery => delivery.Id).ToArray();
        var of = deliveries.Select(delivery => delivery.NotificationId).ToArray();
        var users = deliveries.Select(delivery => delivery.UserId).ToArray();
        var names = deliveries.Select(delivery => delivery.Channel).ToArray();
        var statuses = deliveries.Select(delivery => (short)delivery.Status).ToArray();
        var due = deliveries.Select(delivery => delivery.DueAt).ToArray();
        var deferred = deliveries.Select(delivery => delivery.DeferredAt).ToArray();
        var until = deliveries.Select(delivery => delivery.DeferredUntil).ToArray();
        var ends = deliveries.Select(delivery => delivery.EndedAt).ToArray();
        var traces = deliveries.Select(delivery => delivery.TraceParent).ToArray();
        return db.Database.ExecuteSqlAsync(
            $"""
            insert into delivery (id, notification_id, user_id, channel, status, due_at, deferred_at, deferred_until, ended_at, trace_parent, attempts, created_at)
            select made.*, 0, {now} from unnest({ids}, {of}, {users}, {names}, {statuses}, {due}, {deferred}, {until}, {ends}, {traces}) as made
            """,
            ct);
    }

    private Task<int> StoreReminders(TodoFlowDb db, CancellationToken ct)
    {
        var ids = ended.Select(reminder => reminder.Id).ToArray();
        var statuses = ended.Select(reminder => (short)reminder.Status).ToArray();
        var reasons = ended.Select(reminder => reminder.Reason).ToArray();
        var sent = ended.Select(reminder => reminder.SentAt).ToArray();
        return db.Database.ExecuteSqlAsync(
            $"""
            update reminder set status = made.status, reason = made.reason, sent_at = made.sent_at, updated_at = {now}
            from unnest({ids}, {statuses}, {reasons}, {sent}) as made (id, status, reason, sent_at)
            where reminder.id = made.id
            """,
            ct);
    }
}
