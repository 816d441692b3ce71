using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>A delivery that is this process's until its lease is over.</summary>
/// <param name="Message">What to say.</param>
/// <param name="Channel">Over which channel.</param>
/// <param name="Refused">What came of it without a try; null where it is to be tried.</param>
/// <param name="LeasedUntil">When others may take it up, UTC.</param>
/// <param name="TraceParent">The span that left it to the queue.</param>
/// <param name="CollapsedTraceParents">Those that left what it speaks for.</param>
internal sealed record ClaimedDelivery(
    DeliveryMessage Message, string Channel, DeliveryOutcome? Refused, DateTimeOffset LeasedUntil, string? TraceParent, IReadOnlyList<string> CollapsedTraceParents);

/// <summary>Takes up deliveries that are due: each is one process's at a time, for as long as its lease.</summary>
internal sealed class DeliveryClaims(IDbContextFactory<TodoFlowDb> contexts, NpgsqlDataSource database, IOptions<NotificationSettings> settings, TimeProvider clock)
{
    /// <summary>Why a delivery failed whose channel the user disabled before it was sent.</summary>
    public const string ChannelDisabled = "channel_disabled";

    /// <summary>Why a delivery failed whose last try nobody finished.</summary>
    public const string Interrupted = "interrupted";

    // OpenTelemetry's limit of the links of a span.
    private const int MostLinks = 128;

    // The users whose quiet hours are over are taken a few at a time, so that no transaction holds many rows.
    private const int UsersAtOnce = 500;

    /// <summary>
    /// Claims what is due over a channel. What falls into quiet hours is deferred instead, and what is not true any more is cancelled: what
    /// was withdrawn, or rings again, here; what is done by whoever ends the try, since its reminder ends with it.
    /// </summary>
    /// <param name="channel">The channel.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Ends the wait; nothing is claimed.</param>
    /// <returns>What was claimed, and how many were deferred or cancelled.</returns>
    public async Task<(IReadOnlyList<ClaimedDelivery> Claimed, int PutAside)> Claim(string channel, int limit, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var now = clock.GetUtcNow();
        await CollapseDeferred(db, channel, now, ct);
        var due = await db.Deliveries
            .FromSql(
                $"""
                select * from delivery where channel = {channel} and status = 0 and due_at <= {now}
                order by due_at, id limit {limit} for no key update skip locked
                """)
            .ToListAsync(ct);
        if (due.Count == 0)
        {
            await transaction.CommitAsync(ct);
            return ([], 0);
        }

        var recipients = await db.ReadRecipients([.. due.Select(delivery => delivery.UserId).Distinct()], ct);
        var messages = await DeliveryMessages.Read(db, due, ct);
        var claimed = new List<ClaimedDelivery>(due.Count);
        foreach (var delivery in due)
        {
            if (!recipients.TryGetValue(delivery.UserId, out var recipient))
            {
                continue; // being deleted with its user at this moment
            }

            var others = messages.Regroup(delivery, now);
            var whyNot = messages.WhyNot(delivery);
            if (whyNot is not null and not ReminderReasons.TaskCompleted)
            {
                (delivery.Status, delivery.Reason, delivery.DueAt, delivery.EndedAt) = (DeliveryStatus.Cancelled, whyNot, null, now);
                continue;
            }

            if (whyNot is null && recipient.QuietUntil(now) is { } end && recipient.Preference.Enables(channel))
            {
                (delivery.Status, delivery.DeferredAt, delivery.DeferredUntil, delivery.DueAt) = (DeliveryStatus.Deferred, now, end, end);
                continue;
            }

            delivery.DueAt = now + settings.Value.Lease;
            DeliveryOutcome? refused = whyNot is not null ? DeliveryOutcome.Cancelled(whyNot)
                : !recipient.Preference.Enables(channel) ? DeliveryOutcome.Failed(ChannelDisabled)
                : delivery.Attempts >= DeliveryBackoff.MaxAttempts ? DeliveryOutcome.Failed(Interrupted)
                : null;
            if (refused is null)
            {
                delivery.Attempts++;
                db.Add(new DeliveryAttempt { DeliveryId = delivery.Id, Number = delivery.Attempts, StartedAt = now });
            }

            var message = messages.Write(delivery, others, recipient.Zone) with { Attempt = delivery.Attempts };
            var collapsed = message.Count > 1 && Telemetry.Source.HasListeners() ? await ReadCollapsedTraceParents(db, delivery.Id, ct) : [];
            claimed.Add(new(message, channel, refused, delivery.DueAt.Value, delivery.TraceParent, collapsed));
        }

        await db.SaveChangesAsync(ct);
        var retried = due.Where(delivery => delivery.Status == DeliveryStatus.Pending && delivery.Attempts > 1).Select(delivery => delivery.Id).ToArray();
        if (retried.Length > 0)
        {
            await CountRetries(db, retried, ct);
        }

        await transaction.CommitAsync(ct);
        return (claimed, due.Count(delivery => delivery.Status != DeliveryStatus.Pending));
    }

    /// <summary>When something next falls due over a channel; null where nothing will.</summary>
    public async Task<DateTimeOffset?> NextDue(string channel, CancellationToken ct)
    {
        await using var command = database.CreateCommand("select due_at from delivery where channel = $1 and due_at is not null order by due_at limit 1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = channel });
        await using var rows = await command.ExecuteReaderAsync(ct);
        return await rows.ReadAsync(ct) ? rows.GetFieldValue<DateTimeOffset>(0) : null;
    }

    // What quiet hours deferred of one user becomes one message: the oldest speaks for the others, and for what those spoke for. What
    // is not to be told any more (NotifiedTasks) has no part in it.
    // Processes that do the same at the same time wait for each other's rows, in their order, and then find them collapsed.
    private static Task<int> CollapseDeferred(TodoFlowDb db, string channel, DateTimeOffset now, CancellationToken ct) => db.Database.ExecuteSqlAsync(
        $"""
        with due as materialized (
            select delivery.id, delivery.user_id, notification.withdrawn_at is not null or task_item.status is distinct from 0
                or reminder.due_event_id is distinct from case when reminder.id is not null then notification.event_id end as left_out
            from delivery join notification on notification.id = delivery.notification_id
            left join task_item on task_item.id = notification.task_id left join reminder on reminder.id = notification.reminder_id
            where delivery.channel = {channel} and delivery.status = 1 and delivery.due_at <= {now} and delivery.user_id in (
                select user_id from delivery where channel = {channel} and status = 1 and due_at <= {now} limit {UsersAtOnce})
            order by delivery.id for no key update of delivery
        ), first as (
            select distinct on (user_id) user_id, id from due where not left_out order by user_id, id
        ), released as (
            update delivery set status = 0, due_at = {now}
            from due left join first using (user_id) where delivery.id = due.id and (due.left_out or due.id = first.id)
        ), collapsed as (
            update delivery set status = 4, collapsed_into = first.id, due_at = null, ended_at = {now}
            from due join first using (user_id) where delivery.id = due.id and due.id <> first.id and not due.left_out
        )
        update delivery set collapsed_into = first.id
        from due join first using (user_id) where delivery.collapsed_into = due.id and due.id <> first.id
        """,
        ct);

    private static Task<int> CountRetries(TodoFlowDb db, Guid[] deliveries, CancellationToken ct) => db.Database.ExecuteSqlAsync(
        $"""
        update reminder set retry_count = retry_count + 1 where id in (
            select reminder.id from delivery
            join notification on notification.id = delivery.notification_id
            join reminder on reminder.id = notification.reminder_id and reminder.due_event_id = notification.event_id
            where delivery.id = any({deliveries}) or delivery.collapsed_into = any({deliveries})
            order by reminder.id for no key update of reminder)
        """,
        ct);

    private static Task<List<string>> ReadCollapsedTraceParents(TodoFlowDb db, Guid delivery, CancellationToken ct) => db.Deliveries
        .Where(part => part.CollapsedInto == delivery && part.TraceParent != null)
        .OrderBy(part => part.Id).Select(part => part.TraceParent!).Take(MostLinks).ToListAsync(ct);
}
