using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using TodoFlow.Persistence;
using TodoFlow.Tasks;

namespace TodoFlow.Reminders;

/// <summary>
/// Lets reminders follow their tasks, in the transaction of the task's change, whoever makes it: every save of
/// <see cref="TodoFlowDb"/> comes by here. A change that no reminder depends on costs nothing; a new task with a reminder costs no
/// round trip, unless it is all-day or follows another occurrence; any other one costs one.
/// </summary>
/// <remarks>
/// Who changes what waits for a task locks the task's row first, then its reminders in the order of their ids: here and in
/// <see cref="ReminderStore"/>. So a reminder that is added while its task is completed, or moved, sees the one or is seen by the
/// other. The queue (<see cref="ReminderQueue"/>) locks due reminders only, passes over those that are locked, and never waits:
/// nobody can wait for each other in a circle. If it has a reminder first, the change of the task waits until it has fired, and
/// finds it fired; if the change is first, the queue does not see the reminder until the change is committed, and then not as due,
/// or where it was moved to.
/// </remarks>
internal static class TaskReminders
{
    // Everything that a change may act on. What the user took back, or what rang at an instant, stays as it is.
    private const string MayFollow = $"(due_at is not null or of_task or reminder_offset is not null or reason = '{ReminderReasons.TaskCompleted}')";

    /// <summary>The tasks whose reminders depend on what is about to be saved; those that stay before those that go.</summary>
    public static IReadOnlyList<EntityEntry<TaskItem>> Touched(TodoFlowDb db) =>
        [.. db.ChangeTracker.Entries<TaskItem>().Where(IsTouched).OrderBy(entry => entry.State == EntityState.Deleted)];

    /// <summary>Whether stored reminders are to follow, which takes a transaction.</summary>
    public static bool NeedStored(IEnumerable<EntityEntry<TaskItem>> touched) =>
        touched.Any(entry => entry.State != EntityState.Added || entry.Entity.ParentTaskId is not null);

    /// <summary>Adds to the save what the reminders do.</summary>
    public static async Task Follow(TodoFlowDb db, IReadOnlyList<EntityEntry<TaskItem>> touched, CancellationToken ct)
    {
        var stored = NeedStored(touched) ? await Load(db, touched, ct) : [];
        foreach (var entry in touched)
        {
            var task = entry.Entity;
            var plan = new ReminderPlan(db, task, ReminderInstant.DefaultAllDayTime);
            var mine = stored.Where(reminder => reminder.TaskId == task.Id && reminder.UserId == task.UserId).ToList();
            switch (entry.State)
            {
                case EntityState.Added:
                    if (task is { ReminderOffset: { } offset, DueDate: not null })
                    {
                        plan.Schedule(offset, ofTask: true);
                    }

                    plan.Carry(stored.Where(reminder => reminder.TaskId == task.ParentTaskId && reminder.UserId == task.UserId));
                    break;
                case EntityState.Deleted:
                    plan.Cancel(mine, ReminderReasons.TaskDeleted);
                    break;
                case EntityState.Modified when task.Status == TaskItemStatus.Completed:
                    plan.Cancel(mine, ReminderReasons.TaskCompleted);
                    break;
                default:
                    plan.Follow(
                        mine,
                        dueChanged: entry.Property(changed => changed.DueDate).IsModified || entry.Property(changed => changed.TimeZone).IsModified,
                        offsetChanged: entry.Property(changed => changed.ReminderOffset).IsModified);
                    break;
            }
        }
    }

    /// <summary>Locks tasks, and then reads and locks those of their reminders that a change may act on. The reminders are tracked.</summary>
    /// <param name="db">In a transaction.</param>
    /// <param name="users">The owners.</param>
    /// <param name="tasks">The tasks to lock, in this order.</param>
    /// <param name="others">More tasks whose reminders are read.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<List<Reminder>> Load(TodoFlowDb db, Guid[] users, Guid[] tasks, Guid[] others, CancellationToken ct)
    {
        var transaction = (NpgsqlTransaction)db.Database.CurrentTransaction!.GetDbTransaction();
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);

        // Two statements: the second one's snapshot is taken when the tasks are locked, so it sees whatever was committed before.
        var locked = new NpgsqlBatchCommand(
            "select from task_item where id = any($1) and user_id = any($2) order by array_position($1, id) for no key update");
        locked.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = tasks });
        locked.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = users });
        batch.BatchCommands.Add(locked);
        var read = new NpgsqlBatchCommand(
            $"select {Reminder.Columns} from reminder where user_id = any($2) and task_id = any($1) and {MayFollow} order by id for no key update");
        read.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. tasks, .. others] });
        read.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = users });
        batch.BatchCommands.Add(read);

        await using var rows = await batch.ExecuteReaderAsync(ct);
        await rows.NextResultAsync(ct);
        var reminders = new List<Reminder>();
        while (await rows.ReadAsync(ct))
        {
            reminders.Add(Tracked(db, Reminder.Read(rows)));
        }

        return reminders;
    }

    private static Task<List<Reminder>> Load(TodoFlowDb db, IReadOnlyList<EntityEntry<TaskItem>> touched, CancellationToken ct) => Load(
        db,
        [.. touched.Select(entry => entry.Entity.UserId).Distinct()],
        [.. touched.Where(entry => entry.State != EntityState.Added).Select(entry => entry.Entity.Id)],
        [.. touched.Where(entry => entry.State == EntityState.Added).Select(entry => entry.Entity.ParentTaskId).OfType<Guid>()],
        ct);

    private static bool IsTouched(EntityEntry<TaskItem> entry)
    {
        var task = entry.Entity;
        return entry.State switch
        {
            EntityState.Added => task.ParentTaskId is not null || task is { ReminderOffset: not null, DueDate: not null },
            EntityState.Deleted => true,
            EntityState.Modified => entry.Property(changed => changed.Status).IsModified
                || entry.Property(changed => changed.ReminderOffset).IsModified
                || entry.Property(changed => changed.DueDate).IsModified
                || (entry.Property(changed => changed.TimeZone).IsModified && task.DueDate is { AllDay: true }),
            _ => false,
        };
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
