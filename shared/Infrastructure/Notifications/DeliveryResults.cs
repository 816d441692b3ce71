using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>Stores what came of tries to deliver, and what that means for the reminders behind them.</summary>
internal sealed class DeliveryResults(UnitOfWorkFactory units, NotificationMetrics metrics, TimeProvider clock)
{
    /// <summary>
    /// Ends a try in one transaction. A try that lost its lease to a later one is only noted: what became of the delivery is the
    /// later one's to say.
    /// </summary>
    public async Task Store(ClaimedDelivery claimed, DeliveryOutcome outcome, CancellationToken ct)
    {
        var message = claimed.Message;
        await using var work = await units.Begin(ct);
        var now = clock.GetUtcNow();

        // Locked first: two channels of one reminder that fail at the same time must see each other.
        var reminders = outcome.Result == DeliveryResult.Retry ? [] : await LockReminders(work.Db, message.DeliveryId, ct);
        if (claimed.Refused is null)
        {
            await EndAttempt(work.Db, message, outcome, now, ct);
        }

        if (await EndDelivery(work.Db, message, outcome, now, ct))
        {
            switch (outcome.Result)
            {
                case DeliveryResult.Sent:
                    MarkSent(work, claimed, reminders, now);
                    break;
                case DeliveryResult.Failed:
                    foreach (var reminder in await FindLost(work, reminders, ct))
                    {
                        (reminder.Status, reminder.Reason, reminder.UpdatedAt) = (ReminderStatus.Failed, outcome.Reason, now);
                        work.Change(reminder);
                        work.Raise(new ReminderFailed(reminder, now));
                    }

                    break;
                case DeliveryResult.Cancelled:
                    foreach (var reminder in await FindLost(work, reminders, ct))
                    {
                        reminder.Cancel(outcome.Reason!, now);
                        work.Change(reminder);
                        work.Raise(new ReminderCancelled(reminder, null, now));
                    }

                    break;
            }
        }

        await work.Commit(ct);
        metrics.AddDelivery(claimed.Channel, outcome.Word);
    }

    // The reminders whose last firing this delivery, or one that it speaks for, is about.
    private static Task<List<Reminder>> LockReminders(TodoFlowDb db, Guid delivery, CancellationToken ct) => db.Reminders
        .FromSql(
            $"""
            select reminder.* from delivery
            join notification on notification.id = delivery.notification_id
            join reminder on reminder.id = notification.reminder_id and reminder.due_event_id = notification.event_id
            where delivery.id = {delivery} or delivery.collapsed_into = {delivery}
            order by reminder.id for no key update of reminder
            """)
        .AsNoTracking().ToListAsync(ct);

    private static Task<int> EndAttempt(TodoFlowDb db, DeliveryMessage message, DeliveryOutcome outcome, DateTimeOffset now, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync(
            $"""
            update delivery_attempt set ended_at = {now}, outcome = {outcome.Word}, reason = {outcome.Reason}
            where delivery_id = {message.DeliveryId} and number = {message.Attempt}
            """,
            ct);

    private static async Task<bool> EndDelivery(TodoFlowDb db, DeliveryMessage message, DeliveryOutcome outcome, DateTimeOffset now, CancellationToken ct)
    {
        var (status, due, ended) = outcome.Result switch
        {
            DeliveryResult.Sent => (DeliveryStatus.Sent, (DateTimeOffset?)null, (DateTimeOffset?)now),
            DeliveryResult.Failed => (DeliveryStatus.Failed, null, now),
            DeliveryResult.Cancelled => (DeliveryStatus.Cancelled, null, now),
            _ => (DeliveryStatus.Pending, now + DeliveryBackoff.After(message.Attempt, outcome.RetryAfter), null),
        };
        return await db.Database.ExecuteSqlAsync(
            $"""
            update delivery set status = {(short)status}, due_at = {due}, reason = {outcome.Reason}, ended_at = {ended}
            where id = {message.DeliveryId} and attempts = {message.Attempt} and status = 0
            """,
            ct) == 1;
    }

    private static void MarkSent(UnitOfWork work, ClaimedDelivery claimed, List<Reminder> reminders, DateTimeOffset now)
    {
        var message = claimed.Message;
        if (claimed.Channel == Channels.Realtime) // its event is the delivery
        {
            work.Raise(new NotificationPushed(
                message.NotificationId, message.ReminderId, message.TaskId, message.UserId, message.Title, message.Body, message.RemindAt,
                message.Late, message.CreatedAt, now));
        }

        foreach (var reminder in reminders.Where(reminder => reminder.Status == ReminderStatus.Pending))
        {
            (reminder.Status, reminder.SentAt, reminder.UpdatedAt) = (ReminderStatus.Sent, now, now);
            work.Change(reminder);
            work.Raise(new ReminderSent(reminder, claimed.Channel, now));
        }
    }

    // Those that no other channel has reached or may still reach; where a delivery was collapsed, what speaks for it counts.
    private static async Task<List<Reminder>> FindLost(UnitOfWork work, List<Reminder> reminders, CancellationToken ct)
    {
        var ids = reminders.Where(reminder => reminder.Status == ReminderStatus.Pending).Select(reminder => reminder.Id).ToArray();
        if (ids.Length == 0)
        {
            return [];
        }

        var lost = await work.Db.Database.SqlQuery<Guid>(
            $"""
            select reminder.id as "Value" from reminder
            join notification on notification.reminder_id = reminder.id and notification.event_id = reminder.due_event_id
            where reminder.id = any({ids}) and not exists (
                select from delivery
                left join delivery as speaker on speaker.id = delivery.collapsed_into
                where delivery.notification_id = notification.id and coalesce(speaker.status, delivery.status) in (0, 1, 2))
            """).ToListAsync(ct);
        return [.. reminders.Where(reminder => lost.Contains(reminder.Id))];
    }
}
