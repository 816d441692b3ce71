using Npgsql;
using NpgsqlTypes;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Domain.Events;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Persistence;
using static TodoFlow.Infrastructure.Persistence.Rows.Columns;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>The notifications of one batch of due reminders with their deliveries and events, stored by a few statements however many they are.</summary>
internal sealed class NewNotifications(UnitOfWork work, DateTimeOffset now)
{
    private readonly List<Notification> _notifications = [];
    private readonly List<Delivery> _deliveries = [];

    /// <summary>How many notifications there are.</summary>
    public int Count => _notifications.Count;

    /// <summary>How many are delivered over a channel.</summary>
    public int Sent(string channel) => _deliveries.Count(delivery => delivery.Channel == channel && delivery.Status == DeliveryStatus.Sent);

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
            Id = EventId.New(now, _notifications.Count),
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
        _notifications.Add(notification);
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
                work.Raise(new NotificationPushed(
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

    /// <summary>Cancels a reminder whose task is done: there is nothing to tell.</summary>
    public void Cancel(Reminder reminder, TaskResponse task)
    {
        reminder.Cancel(ReminderReasons.TaskCompleted, now);
        work.Change(reminder);
        work.Raise(new ReminderCancelled(reminder, task, now));
    }

    /// <summary>Lets the rows be part of the change.</summary>
    public void Save()
    {
        if (_notifications.Count > 0)
        {
            work.Execute(InsertNotifications());
            work.Execute(InsertDeliveries());
        }
    }

    private void End(Reminder reminder, ReminderEvent raised)
    {
        reminder.UpdatedAt = now;
        work.Change(reminder);
        work.Raise(raised);
    }

    private void Deliver(Notification notification, string channel, DeliveryStatus status, DateTimeOffset? quietUntil) => _deliveries.Add(new Delivery
    {
        Id = EventId.New(now, _deliveries.Count),
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

    private NpgsqlBatchCommand InsertNotifications() => new(
        """
        insert into notification (id, user_id, task_id, reminder_id, event_id, title, body, remind_at, late, listed, created_at)
        select made.*, $11 from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as made
        """)
    {
        Parameters =
        {
            Column(_notifications, made => made.Id, NpgsqlDbType.Uuid),
            Column(_notifications, made => made.UserId, NpgsqlDbType.Uuid),
            Column(_notifications, made => made.TaskId, NpgsqlDbType.Uuid),
            Column(_notifications, made => made.ReminderId, NpgsqlDbType.Uuid),
            Column(_notifications, made => made.EventId, NpgsqlDbType.Uuid),
            Column(_notifications, made => made.Title, NpgsqlDbType.Text),
            Column(_notifications, made => made.Body, NpgsqlDbType.Text),
            Column(_notifications, made => made.RemindAt, NpgsqlDbType.TimestampTz),
            Column(_notifications, made => made.Late, NpgsqlDbType.Boolean),
            Column(_notifications, made => made.Listed, NpgsqlDbType.Boolean),
            new NpgsqlParameter<DateTimeOffset> { TypedValue = now },
        },
    };

    private NpgsqlBatchCommand InsertDeliveries() => new(
        """
        insert into delivery (id, notification_id, user_id, channel, status, due_at, deferred_at, deferred_until, ended_at, trace_parent, attempts, created_at)
        select made.*, 0, $11 from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as made
        """)
    {
        Parameters =
        {
            Column(_deliveries, made => made.Id, NpgsqlDbType.Uuid),
            Column(_deliveries, made => made.NotificationId, NpgsqlDbType.Uuid),
            Column(_deliveries, made => made.UserId, NpgsqlDbType.Uuid),
            Column(_deliveries, made => made.Channel, NpgsqlDbType.Text),
            Column(_deliveries, made => (short)made.Status, NpgsqlDbType.Smallint),
            Column(_deliveries, made => made.DueAt, NpgsqlDbType.TimestampTz),
            Column(_deliveries, made => made.DeferredAt, NpgsqlDbType.TimestampTz),
            Column(_deliveries, made => made.DeferredUntil, NpgsqlDbType.TimestampTz),
            Column(_deliveries, made => made.EndedAt, NpgsqlDbType.TimestampTz),
            Column(_deliveries, made => made.TraceParent, NpgsqlDbType.Text),
            new NpgsqlParameter<DateTimeOffset> { TypedValue = now },
        },
    };
}
