using System.Diagnostics;
using Npgsql;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Persistence.Rows;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Infrastructure.Reminders;

/// <summary>Claims due reminders in a transaction, decides what becomes of each, and writes it with its events.</summary>
internal sealed class ReminderFiring(UnitOfWork work, ReminderSettings settings, AsynchronousCommit commit, TimeProvider clock)
{
    /// <summary>Locks what is due, those that are locked already excepted; oldest first.</summary>
    public async Task<List<Reminder>> Claim(int limit, CancellationToken ct)
    {
        await using var batch = work.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"select {ReminderRows.Columns} from reminder where due_at <= $1 order by due_at limit $2 for no key update skip locked")
        {
            Parameters = { new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() }, new NpgsqlParameter<int> { TypedValue = limit } },
        });
        await using var rows = await batch.ExecuteReaderAsync(ct);
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

        work.Execute(new NpgsqlBatchCommand("select set_config('synchronous_commit', $1, true)")
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = commit.WithTheEvents } },
        });
        await work.Commit(ct, tell: false); // the queue tells of all that it fires at once
    }

    // In the trace of what planned it, however long ago that was. Its events belong to it.
    private void Settle(Reminder reminder, TaskResponse? task, TimeOnly allDayTime)
    {
        using var span = Telemetry.Resume("fire reminder", ActivityKind.Consumer, reminder.TraceParent);
        var now = clock.GetUtcNow(); // of each one: what a firing is stamped with is when its event was made
        if (task is null or { Status: TaskItemStatus.Completed })
        {
            reminder.Cancel(task is null ? ReminderReasons.TaskDeleted : ReminderReasons.TaskCompleted, now);
            work.Raise(new ReminderCancelled(reminder, task, now));
            span?.SetTag("todoflow.outcome", "cancelled");
        }
        else if (PlannedFor(reminder, task, allDayTime) is { } later && later > now)
        {
            work.Save(reminder.Plan(later, ReminderSteps.Moved, now));
            work.Raise(new ReminderScheduled(reminder, task, now));
            span?.SetTag("todoflow.outcome", "moved");
        }
        else
        {
            reminder.Fire(settings.LateAfter, now);
            reminder.DueEventId = work.Raise(new ReminderDue(reminder, task, now));
            span?.SetTag("todoflow.outcome", "fired").SetTag("todoflow.late", reminder.Late);
        }

        work.Change(reminder);
        span?.SetTag("todoflow.reminder.id", reminder.Id);
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
        await using var batch = work.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"""
            select {TaskResponseRows.Columns}, (select all_day_reminder_time from notification_preference where user_id = task_item.user_id)
            from task_item where id = any($1)
            """)
        {
            Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = ids } },
        });
        await using var rows = await batch.ExecuteReaderAsync(ct);
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
}
