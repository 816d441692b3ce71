using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Persistence.Rows;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Outbox;
using static TodoFlow.Infrastructure.Persistence.Rows.Columns;

namespace TodoFlow.Infrastructure.Reminders;

/// <summary>Claims due reminders on a connection in a transaction, decides what becomes of each, and writes it with its events.</summary>
internal sealed class ReminderFiring(NpgsqlConnection connection, ReminderSettings settings, AsynchronousCommit commit, TimeProvider clock)
{
    private readonly List<OutboxEvent> events = [];
    private readonly List<ReminderStep> steps = [];

    /// <summary>Locks what is due, those that are locked already excepted; oldest first.</summary>
    public async Task<List<Reminder>> Claim(int limit, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"select {ReminderRows.Columns} from reminder where due_at <= $1 order by due_at limit $2 for no key update skip locked", connection);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var rows = await command.ExecuteReaderAsync(ct);
        return await ReminderRows.ReadAll(rows, ct);
    }

    /// <summary>
    /// Fires what was claimed, and ends the transaction. The tasks are read when the reminders are locked, so they are as they were when
    /// the reminders were last planned or later: a task that is done or gone cancels its reminder, one that is due later now moves it.
    /// </summary>
    public async Task SettleAndCommit(IReadOnlyList<Reminder> claimed, CancellationToken ct)
    {
        var tasks = await ReadTasks([.. claimed.Select(reminder => reminder.TaskId).Distinct()], ct);
        foreach (var reminder in claimed)
        {
            var (task, allDayTime) = tasks.GetValueOrDefault(reminder.TaskId);
            Settle(reminder, task?.UserId == reminder.UserId ? task : null, allDayTime);
        }

        await Write(claimed, ct);
    }

    // In the trace of what planned it, however long ago that was. Its events belong to it.
    private void Settle(Reminder reminder, TaskResponse? task, TimeOnly allDayTime)
    {
        using var span = Telemetry.Resume("fire reminder", ActivityKind.Consumer, reminder.TraceParent);
        var now = clock.GetUtcNow(); // of each one: what a firing is stamped with is when its event was made
        if (task is null or { Status: TaskItemStatus.Completed })
        {
            reminder.Cancel(task is null ? ReminderReasons.TaskDeleted : ReminderReasons.TaskCompleted, now);
            Announce(new ReminderCancelled(reminder, task, now));
            span?.SetTag("todoflow.outcome", "cancelled");
        }
        else if (PlannedFor(reminder, task, allDayTime) is { } later && later > now)
        {
            steps.AddRange(reminder.Plan(later, ReminderSteps.Moved, now));
            Announce(new ReminderScheduled(reminder, task, now));
            span?.SetTag("todoflow.outcome", "moved");
        }
        else
        {
            reminder.Fire(settings.LateAfter, now);
            reminder.DueEventId = Announce(new ReminderDue(reminder, task, now));
            span?.SetTag("todoflow.outcome", "fired").SetTag("todoflow.late", reminder.Late);
        }

        span?.SetTag("todoflow.reminder.id", reminder.Id);
    }

    private Guid Announce(ReminderEvent fact)
    {
        var made = OutboxEvent.Of(fact, events.Count).Single();
        events.Add(made);
        return made.EventId;
    }

    private static DateTimeOffset? PlannedFor(Reminder reminder, TaskResponse task, TimeOnly allDayTime) =>
        !reminder.Snoozed
        && ReminderOffset.TryParse(reminder.ReminderOffset, out var offset)
        && DueDate.TryParse(task.DueDate, out var due)
        && ZoneIds.TryFind(task.TimeZone, out var zone)
            ? ReminderInstant.Before(due, zone, allDayTime, offset.Value)
            : null;

    private async Task<Dictionary<Guid, (TaskResponse Task, TimeOnly AllDayTime)>> ReadTasks(Guid[] ids, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select {TaskResponseRows.Columns}, (select all_day_reminder_time from notification_preference where user_id = task_item.user_id)
            from task_item where id = any($1)
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var tasks = new Dictionary<Guid, (TaskResponse, TimeOnly)>(ids.Length);
        while (await rows.ReadAsync(ct))
        {
            var allDayTime = rows.IsDBNull(TaskResponseRows.ColumnCount)
                ? NotificationPreference.DefaultAllDayReminderTime
                : rows.GetFieldValue<TimeOnly>(TaskResponseRows.ColumnCount);
            var task = TaskResponseRows.Read(rows);
            tasks.Add(task.Id, (task, allDayTime));
        }

        return tasks;
    }

    private async Task Write(IReadOnlyList<Reminder> settled, CancellationToken ct)
    {
        await using var batch = connection.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            """
            update reminder set status = settled.status, remind_at = settled.remind_at, due_at = settled.due_at, snoozed = settled.snoozed,
                fired_at = settled.fired_at, due_event_id = settled.due_event_id, late = settled.late, reason = settled.reason,
                updated_at = settled.updated_at, trace_parent = settled.trace_parent
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                as settled (id, status, remind_at, due_at, snoozed, fired_at, due_event_id, late, reason, updated_at, trace_parent),
                set_config('synchronous_commit', $12, true)
            where reminder.id = settled.id
            """)
        {
            Parameters =
            {
                Column(settled, reminder => reminder.Id, NpgsqlDbType.Uuid),
                Column(settled, reminder => (short)reminder.Status, NpgsqlDbType.Smallint),
                Column(settled, reminder => reminder.RemindAt, NpgsqlDbType.TimestampTz),
                Column(settled, reminder => reminder.DueAt, NpgsqlDbType.TimestampTz),
                Column(settled, reminder => reminder.Snoozed, NpgsqlDbType.Boolean),
                Column(settled, reminder => reminder.FiredAt, NpgsqlDbType.TimestampTz),
                Column(settled, reminder => reminder.DueEventId, NpgsqlDbType.Uuid),
                Column(settled, reminder => reminder.Late, NpgsqlDbType.Boolean),
                Column(settled, reminder => reminder.Reason, NpgsqlDbType.Text),
                Column(settled, reminder => reminder.UpdatedAt, NpgsqlDbType.TimestampTz),
                Column(settled, reminder => reminder.TraceParent, NpgsqlDbType.Text),
                new NpgsqlParameter<string> { TypedValue = commit.WithTheEvents },
            },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"""
            insert into {OutboxEvent.Table} (event_id, topic, key, lane, payload, created_at)
            select event_id, '{Topics.Reminders}', key, lane, payload, created_at
            from unnest($1, $2, $3, $4, $5) as made (event_id, key, lane, payload, created_at)
            """)
        {
            Parameters =
            {
                Column(events, made => made.EventId, NpgsqlDbType.Uuid),
                Column(events, made => made.Key, NpgsqlDbType.Text),
                Column(events, made => made.Lane, NpgsqlDbType.Smallint),
                Column(events, made => made.Payload, NpgsqlDbType.Bytea),
                Column(events, made => made.CreatedAt, NpgsqlDbType.TimestampTz),
            },
        });
        if (steps.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(
                """
                insert into reminder_step (id, reminder_id, step, occurred_at, remind_at, detail)
                select * from unnest($1, $2, $3, $4, $5, $6)
                """)
            {
                Parameters =
                {
                    Column(steps, step => step.Id, NpgsqlDbType.Uuid),
                    Column(steps, step => step.ReminderId, NpgsqlDbType.Uuid),
                    Column(steps, step => step.Step, NpgsqlDbType.Text),
                    Column(steps, step => step.OccurredAt, NpgsqlDbType.TimestampTz),
                    Column(steps, step => step.RemindAt, NpgsqlDbType.TimestampTz),
                    Column(steps, step => step.Detail, NpgsqlDbType.Text),
                },
            });
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand("commit")); // in the same round trip
        await batch.ExecuteNonQueryAsync(ct);
    }
}
