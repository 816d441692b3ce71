using Npgsql;
using NpgsqlTypes;
using TodoFlow.Infrastructure.Notifications;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>Takes back what a user was to be told.</summary>
internal static class WithdrawnNotifications
{
    /// <summary>
    /// Withdraws the notifications of a task's reminders of which something waits to be delivered. It marks them and leaves their
    /// deliveries to the queue, which cancels those that it has not claimed yet (<see cref="DeliveryClaims"/>): the queue locks
    /// deliveries before reminders, and who runs this has locked the reminders. What was delivered stays.
    /// </summary>
    /// <param name="user">Whose they are.</param>
    /// <param name="task">The task.</param>
    /// <param name="reminder">The one reminder of it that is deleted; null where the task is.</param>
    /// <param name="now">When, UTC.</param>
    /// <returns>The statement, for the transaction that deletes.</returns>
    public static NpgsqlBatchCommand Withdraw(Guid user, Guid task, Guid? reminder, DateTimeOffset now) => new(
        """
        update notification set withdrawn_at = $4 from reminder
        where reminder.user_id = $1 and reminder.task_id = $2 and reminder.id = coalesce($3, reminder.id)
            and notification.reminder_id = reminder.id and notification.withdrawn_at is null
            and exists (select from delivery where notification_id = notification.id and due_at is not null)
        """)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = user },
            new NpgsqlParameter<Guid> { TypedValue = task },
            new NpgsqlParameter { Value = (object?)reminder ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
            new NpgsqlParameter<DateTimeOffset> { TypedValue = now },
        },
    };
}
