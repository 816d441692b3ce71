using Microsoft.EntityFrameworkCore;
using Npgsql;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Persistence.Rows;

namespace TodoFlow.Infrastructure.Reminders;

/// <summary>A task whose row is locked, with what was read together with it.</summary>
/// <param name="Task">The task.</param>
/// <param name="Reminders">Those of its reminders that a change may act on, locked too; none where they were not asked for.</param>
internal sealed record LockedTask(TaskItem Task, IReadOnlyList<Reminder> Reminders);

/// <summary>Locks and reads stored tasks and their reminders for a change, and lets the reminders follow it.</summary>
/// <remarks>
/// Who changes what waits for a task locks the task's row first, then its reminders in the order of their ids. So a reminder that is
/// added while its task is completed, or moved, sees that or is seen by it. The queue (<see cref="ReminderQueue"/>) locks due reminders
/// only, passes over those that are locked, and never waits: nobody can wait for each other in a circle. If it has a reminder first, the
/// change of the task waits until it has fired, and finds it fired; if the change is first, the queue does not see the reminder until the
/// change is committed, and then not as due, or where it was moved to. Reminders are read by a statement of their own: its snapshot is
/// taken when the tasks are locked, so it sees whatever was committed before.
/// </remarks>
internal static class TaskReminders
{
    // Everything that a change may act on. What the user took back, or what rang at an instant and was sent, stays as it is.
    private const string MayFollow = $"(status = 0 or of_task or reminder_offset is not null or reason in ('{ReminderReasons.TaskCompleted}', '{ReminderReasons.TaskDeleted}'))";

    /// <summary>Locks a task and reads it, and in the same round trip those of its reminders that a change may act on.</summary>
    /// <param name="work">The change; its transaction begins.</param>
    /// <param name="user">The owner.</param>
    /// <param name="id">The task.</param>
    /// <param name="withReminders">
    /// Whether to read the reminders. Those of a task that may have a next occurrence are not: that may be changed with it, and the
    /// reminders of both are locked together (<see cref="Load"/>).
    /// </param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>Null where the user has no such task.</returns>
    public static async Task<LockedTask?> Lock(UnitOfWork work, Guid user, Guid id, bool withReminders, CancellationToken ct)
    {
        await work.Begin(ct);
        await using var batch = work.CreateBatch();
        batch.BatchCommands.Add(Of(user, id, $"select {TaskItemRows.Columns} from task_item where user_id = $1 and id = $2 for no key update"));
        if (withReminders)
        {
            batch.BatchCommands.Add(Of(
                user, id,
                $"""
                select {ReminderRows.Columns} from reminder where user_id = $1 and task_id = $2 and {MayFollow}
                    and not exists (select from task_item where id = $2 and status = 1 and recurrence is not null)
                order by id for no key update
                """));
        }

        await using var rows = await batch.ExecuteReaderAsync(ct);
        if (!await rows.ReadAsync(ct))
        {
            return null;
        }

        var task = TaskItemRows.Read(rows);
        await rows.NextResultAsync(ct);
        return new(task, withReminders ? await ReminderRows.ReadAll(rows, ct) : []);
    }

    /// <summary>Locks tasks, and then reads and locks those of their reminders that a change may act on.</summary>
    /// <param name="work">The change, in its transaction.</param>
    /// <param name="user">The owner.</param>
    /// <param name="tasks">The tasks to lock, in this order.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The versions of the tasks that are there, and the reminders.</returns>
    public static async Task<(Dictionary<Guid, long> Versions, List<Reminder> Reminders)> Load(
        UnitOfWork work, Guid user, Guid[] tasks, CancellationToken ct)
    {
        await using var batch = work.CreateBatch();
        batch.BatchCommands.Add(Of(user, tasks, "select id, version from task_item where id = any($2) and user_id = $1 order by array_position($2, id) for no key update"));
        batch.BatchCommands.Add(Of(
            user, tasks, $"select {ReminderRows.Columns} from reminder where user_id = $1 and task_id = any($2) and {MayFollow} order by id for no key update"));
        await using var rows = await batch.ExecuteReaderAsync(ct);
        var versions = new Dictionary<Guid, long>();
        while (await rows.ReadAsync(ct))
        {
            versions.Add(rows.GetGuid(0), rows.GetInt64(1));
        }

        await rows.NextResultAsync(ct);
        return (versions, await ReminderRows.ReadAll(rows, ct));
    }

    /// <summary>Lets its reminders follow a change of a task.</summary>
    /// <param name="work">The change.</param>
    /// <param name="task">The task after it.</param>
    /// <param name="reminders">Its reminders, locked.</param>
    /// <param name="fields">The fields that changed, by their names on the wire.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task Follow(UnitOfWork work, TaskItem task, IReadOnlyList<Reminder> reminders, IReadOnlySet<string> fields, CancellationToken ct)
    {
        if (ReminderPlan.Follows(task, fields))
        {
            var plan = new ReminderPlan(task, await AllDayTimeOf(work, task, ct), task.UpdatedAt);
            plan.Follow(reminders, fields);
            work.Save(plan);
        }
    }

    /// <summary>
    /// Removes a task that is locked, or moves it to the trash; cancels its reminders, and withdraws what waits to be delivered of them.
    /// </summary>
    /// <param name="work">The change.</param>
    /// <param name="deleted">The task, after its <see cref="TaskItem.Delete"/>.</param>
    /// <param name="reminders">Its reminders, locked.</param>
    /// <param name="toTrash">Whether it goes to the trash.</param>
    public static void Remove(UnitOfWork work, TaskItem deleted, IEnumerable<Reminder> reminders, bool toTrash = false)
    {
        var plan = new ReminderPlan(deleted, default, deleted.UpdatedAt);
        plan.Cancel(reminders, ReminderReasons.TaskDeleted);
        work.Save(plan);
        work.Execute(WithdrawnNotifications.Withdraw(deleted.UserId, deleted.Id, null, deleted.UpdatedAt));
        work.Remove(deleted, toTrash);
    }

    /// <summary>Moves what waits for a user's all-day tasks, and was not snoozed, to another time of day.</summary>
    /// <param name="work">The change that sets the time, in its transaction.</param>
    /// <param name="preference">The user's preferences after it.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task MoveAllDay(UnitOfWork work, NotificationPreference preference, CancellationToken ct)
    {
        var user = preference.UserId;
        var waiting = await work.Db.Reminders.AsNoTracking()
            .Where(reminder => reminder.UserId == user && reminder.Status == ReminderStatus.Pending && reminder.DueAt != null && reminder.ReminderOffset != null)
            .Select(reminder => reminder.TaskId).Distinct().Order().ToArrayAsync(ct);
        var (_, reminders) = await Load(work, user, waiting, ct);
        var open = await work.Db.Tasks.AsNoTracking() // as they are now that they are locked
            .Where(task => task.UserId == user && waiting.Contains(task.Id) && task.Status == TaskItemStatus.Pending).ToListAsync(ct);
        foreach (var task in open.Where(task => task.DueDate is { AllDay: true }))
        {
            var plan = new ReminderPlan(task, preference.AllDayReminderTime, preference.UpdatedAt);
            plan.Move(reminders.Where(reminder => reminder.TaskId == task.Id));
            work.Save(plan);
        }
    }

    /// <summary>The time of day that the reminders of a task count from; of no account where it is not open and all-day.</summary>
    public static async Task<TimeOnly> AllDayTimeOf(UnitOfWork work, TaskItem task, CancellationToken ct) =>
        task is { Status: TaskItemStatus.Pending, DueDate.AllDay: true } ? (await work.Db.ReadPreference(task.UserId, ct)).AllDayReminderTime : default;

    private static NpgsqlBatchCommand Of<T>(Guid user, T tasks, string statement) => new(statement)
    {
        Parameters = { new NpgsqlParameter<Guid> { TypedValue = user }, new NpgsqlParameter<T> { TypedValue = tasks } },
    };
}
