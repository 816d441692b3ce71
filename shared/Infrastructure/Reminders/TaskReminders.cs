using Npgsql;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Persistence;
using TodoFlow.Reminders;
using TodoFlow.Tasks;

namespace TodoFlow.Infrastructure.Reminders;

/// <summary>Locks and reads stored reminders for a change of what waits for their tasks.</summary>
/// <remarks>
/// Who changes what waits for a task locks the task's row first, then its reminders in the order of their ids:
/// <see cref="ReminderCauses"/> and <see cref="ReminderStore"/>. So a reminder that is added while its task is completed, or moved,
/// sees that or is seen by it. The queue (<see cref="ReminderQueue"/>) locks due reminders only, passes over those that are locked, and never waits:
/// nobody can wait for each other in a circle. If it has a reminder first, the change of the task waits until it has fired, and
/// finds it fired; if the change is first, the queue does not see the reminder until the change is committed, and then not as due,
/// or where it was moved to. Reminders are read by a statement of their own: its snapshot is taken when the tasks are locked, so it sees
/// whatever was committed before.
/// </remarks>
internal static class TaskReminders
{
    // Everything that a change may act on. What the user took back, or what rang at an instant and was sent, stays as it is.
    private const string MayFollow = $"(status = 0 or of_task or reminder_offset is not null or reason = '{ReminderReasons.TaskCompleted}')";

    /// <summary>Locks a task and reads it, and in the same round trip those of its reminders that a change may act on.</summary>
    /// <param name="db">In a transaction.</param>
    /// <param name="user">The owner.</param>
    /// <param name="id">The task.</param>
    /// <param name="withReminders">
    /// Whether to read the reminders. Those of a task that may have a next occurrence are not: that may be changed with it, and the
    /// reminders of both are locked together (<see cref="Load"/>).
    /// </param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The task, which is not tracked, with its reminders, which are; null where the user has no such task.</returns>
    public static async Task<TaskItem?> Lock(TodoFlowDb db, Guid user, Guid id, bool withReminders, CancellationToken ct)
    {
        await using var batch = db.CreateBatch();
        batch.BatchCommands.Add(Of(user, id, $"select {TaskItem.Columns} from task_item where user_id = $1 and id = $2 for no key update"));
        if (withReminders)
        {
            batch.BatchCommands.Add(Of(
                user, id,
                $"""
                select {Reminder.Columns} from reminder where user_id = $1 and task_id = $2 and {MayFollow}
                    and not exists (select from task_item where id = $2 and status = 1 and recurrence is not null)
                order by id for no key update
                """));
        }

        await using var rows = await batch.ExecuteReaderAsync(ct);
        var task = await rows.ReadAsync(ct) ? TaskItem.Read(rows) : null;
        await rows.NextResultAsync(ct);
        if (withReminders && task is { MayHaveNext: false })
        {
            task.Reminders = await ReadTracked(db, rows, ct);
        }

        return task;
    }

    /// <summary>Locks tasks, and then reads and locks those of their reminders that a change may act on. The reminders are tracked.</summary>
    /// <param name="db">In a transaction.</param>
    /// <param name="users">The owners.</param>
    /// <param name="tasks">The tasks to lock, in this order.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<List<Reminder>> Load(TodoFlowDb db, Guid[] users, Guid[] tasks, CancellationToken ct)
    {
        await using var batch = db.CreateBatch();
        batch.BatchCommands.Add(Of(users, tasks, "select from task_item where id = any($2) and user_id = any($1) order by array_position($2, id) for no key update"));
        batch.BatchCommands.Add(Of(
            users, tasks, $"select {Reminder.Columns} from reminder where user_id = any($1) and task_id = any($2) and {MayFollow} order by id for no key update"));
        await using var rows = await batch.ExecuteReaderAsync(ct);
        await rows.NextResultAsync(ct);
        return await ReadTracked(db, rows, ct);
    }

    /// <summary>The times of day that the reminders of all-day tasks count from, by user; of other tasks' users there need be none.</summary>
    public static async Task<Dictionary<Guid, TimeOnly>> ReadAllDayTimes(this TodoFlowDb db, IEnumerable<TaskItem> tasks, CancellationToken ct)
    {
        var times = new Dictionary<Guid, TimeOnly>();
        foreach (var preference in await db.ReadPreferences([.. tasks.Where(task => task.DueDate is { AllDay: true }).Select(task => task.UserId).Distinct()], ct))
        {
            times.Add(preference.UserId, preference.AllDayReminderTime);
        }

        return times;
    }

    private static NpgsqlBatchCommand Of<T>(T users, T tasks, string statement) => new(statement)
    {
        Parameters = { new NpgsqlParameter<T> { TypedValue = users }, new NpgsqlParameter<T> { TypedValue = tasks } },
    };

    private static async Task<List<Reminder>> ReadTracked(TodoFlowDb db, NpgsqlDataReader rows, CancellationToken ct)
    {
        var reminders = new List<Reminder>();
        while (await rows.ReadAsync(ct))
        {
            reminders.Add(Tracked(db, Reminder.Read(rows)));
        }

        return reminders;
    }

    // One that an earlier save of the same transaction tracks has been locked since, and is as it was saved.
    private static Reminder Tracked(TodoFlowDb db, Reminder read)
    {
        if (db.Reminders.Local.FindEntry(read.Id) is { } known)
        {
            return known.Entity;
        }

        db.Attach(read);
        return read;
    }
}
