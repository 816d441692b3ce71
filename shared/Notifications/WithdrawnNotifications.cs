using Microsoft.EntityFrameworkCore;
using TodoFlow.Persistence;

namespace TodoFlow.Notifications;

/// <summary>Takes back what a user was to be told.</summary>
internal static class WithdrawnNotifications
{
    /// <summary>
    /// Withdraws the notifications of a task's reminders of which something waits to be delivered. It marks them and leaves their
    /// deliveries to the queue, which cancels those that it has not claimed yet (<see cref="DeliveryClaims"/>): the queue locks
    /// deliveries before reminders, and who calls this has locked the reminders. What was delivered stays.
    /// </summary>
    /// <param name="db">In the transaction that deletes.</param>
    /// <param name="user">Whose they are.</param>
    /// <param name="task">The task.</param>
    /// <param name="reminder">The one reminder of it that is deleted; null where the task is.</param>
    /// <param name="now">When, UTC.</param>
    /// <param name="ct">Ends the wait.</param>
    public static Task<int> WithdrawNotifications(this TodoFlowDb db, Guid user, Guid task, Guid? reminder, DateTimeOffset now, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync(
            $"""
            update notification set withdrawn_at = {now} from reminder
            where reminder.user_id = {user} and reminder.task_id = {task} and reminder.id = coalesce({reminder}, reminder.id)
                and notification.reminder_id = reminder.id and notification.withdrawn_at is null
                and exists (select from delivery where notification_id = notification.id and due_at is not null)
            """,
            ct);
}
