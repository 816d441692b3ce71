using Npgsql;
using TodoFlow.Notifications;
using TodoFlow.Persistence;
using TodoFlow.Tasks;

namespace TodoFlow.Reminders;

/// <summary>Locks and reads stored reminders for a change of what waits for their tasks.</summary>
/// <remarks>
/// Who changes what waits for a task locks the task's row first, then its reminders in the order of their ids:
/// <see cref="ReminderCauses"/> and <see cref="ReminderStore"/>. So a reminder that is added while its task is completed, or moved,
/// sees that or is seen by it. The queue (<see cref="ReminderQueue"/>) locks due reminders only, passes over those that are locked, and never waits:
/// nobody can wait for each other in a circle. If it has a reminder first, the change of the task waits until it has fired, and
/// finds it fired; if the change is first, the queue does not see the reminder until the change is committed, and then not as due,
/// or where it was moved to.
/// </remarks>
internal static class TaskReminders
{
    // Everything that a change may act on. What the user took back, or what rang at an instant and was sent, stays as it is.
    private const string MayFollow = $"(status = 0 or of_task or reminder_offset is not null or reason = '{ReminderReasons.TaskCompleted}')";

    /// <summary>Locks tasks, and then reads and locks those of their reminders that a change may act on. The reminders are tracked.</summary>
    /// <param name="db">In a transaction.</param>
    /// <param name="users">The owners.</param>
    /// <param name="tasks">The tasks to lock, in this order.</param>
    /// <param name="then">What is done once all are locked.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<List<Reminder>> Load(
        TodoFlowDb db, Guid[] users, Guid[] tasks, IEnumerable<NpgsqlBatchCommand> then, CancellationToken ct)
    {
        await using var batch = db.CreateBatch();

        // Two statements: the second one's snapshot is taken when the tasks are locked, so it sees whatever was committed before.
        var locked = new NpgsqlBatchCommand(
            "select from task_item where id = any($1) and user_id = any($2) order by array_position($1, id) for no key update");
        locked.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = tasks });
        locked.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = users });
        batch.BatchCommands.Add(locked);
        var read = new NpgsqlBatchCommand(
            $"select {Reminder.Columns} from reminder where user_id = any($2) and task_id = any($1) and {MayFollow} order by id for no key update");
        read.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = tasks });
        read.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = users });
        batch.BatchCommands.Add(read);
        foreach (var command in then)
        {
            batch.BatchCommands.Add(command);
        }

        await using var rows = await batch.ExecuteReaderAsync(ct);
        await rows.NextResultAsync(ct);
        var reminders = new List<Reminder>();
        while (await rows.ReadAsync(ct))
        {
            reminders.Add(Tracked(db, Reminder.Read(rows)));
        }

        while (await rows.NextResultAsync(ct))
        {
            // Or what failed would not be thrown.
        }

        return reminders;
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
