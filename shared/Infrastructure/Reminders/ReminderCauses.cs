using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Npgsql;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Persistence;
using TodoFlow.Reminders;
using TodoFlow.Tasks;

namespace TodoFlow.Infrastructure.Reminders;

/// <summary>
/// What a save changes that reminders follow: tasks, and the time of day that a user's all-day tasks count from. Every save of
/// <see cref="TodoFlowDb"/> comes by here, so reminders follow in the transaction of the change, whoever makes it.
/// </summary>
/// <remarks>
/// A change that no reminder depends on costs nothing, and a new task with a reminder no round trip, nor does a change of a task that
/// was locked with its reminders; any other change costs one, and one more where open tasks are all-day, however many they are. Next
/// occurrences do not come by here: they are not tracked, and bring their reminders along (<see cref="CarriedReminders"/>).
/// </remarks>
internal sealed class ReminderCauses
{
    private readonly TodoFlowDb db;
    private readonly List<EntityEntry<TaskItem>> tasks;
    private readonly List<NotificationPreference> preferences;

    private ReminderCauses(TodoFlowDb db)
    {
        this.db = db;
        tasks = [.. db.ChangeTracker.Entries<TaskItem>().Where(IsCause).OrderBy(entry => entry.State == EntityState.Deleted)]; // those that stay first
        preferences = [.. db.ChangeTracker.Entries<NotificationPreference>().Where(IsCause).Select(entry => entry.Entity)];
    }

    /// <summary>Whether there is nothing to follow.</summary>
    public bool None => tasks.Count == 0 && preferences.Count == 0;

    /// <summary>Whether stored reminders are to follow, which takes a transaction.</summary>
    public bool NeedStored => preferences.Count > 0 || tasks.Any(entry => entry.State != EntityState.Added);

    /// <summary>What is about to be saved.</summary>
    public static ReminderCauses Of(TodoFlowDb db) => new(db);

    /// <summary>Adds to the save what the reminders do.</summary>
    /// <returns>What the save does besides.</returns>
    public async Task<IReadOnlyList<NpgsqlBatchCommand>> Follow(CancellationToken ct)
    {
        var stored = (await LoadStored(ct)).ToLookup(reminder => reminder.TaskId);
        var open = tasks.Where(entry => entry.State != EntityState.Deleted).Select(entry => entry.Entity).Where(task => task.Status == TaskItemStatus.Pending);
        var allDayTimes = await TaskReminders.ReadAllDayTimes(db, open, ct);
        foreach (var entry in tasks)
        {
            var task = entry.Entity;
            var plan = new ReminderPlan(db, task, allDayTimes.GetValueOrDefault(task.UserId), task.UpdatedAt);
            var mine = stored[task.Id].ToList();
            switch (entry.State)
            {
                case EntityState.Added:
                    plan.Schedule(task.ReminderOffset!, ofTask: true);
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

        foreach (var preference in preferences)
        {
            await Follow(preference, ct);
        }

        return [.. tasks.Where(entry => entry.State == EntityState.Deleted).Select(entry => entry.Entity)
            .Select(task => WithdrawnNotifications.Withdraw(task.UserId, task.Id, null, task.UpdatedAt))];
    }

    // What waits for an all-day task, and was not snoozed, moves.
    private async Task Follow(NotificationPreference preference, CancellationToken ct)
    {
        var user = preference.UserId;
        var waiting = await db.Reminders.AsNoTracking()
            .Where(reminder => reminder.UserId == user && reminder.Status == ReminderStatus.Pending && reminder.DueAt != null && reminder.ReminderOffset != null)
            .Select(reminder => reminder.TaskId).Distinct().Order().ToListAsync(ct);
        var reminders = await TaskReminders.Load(db, [user], [.. waiting], ct);
        var open = await db.Tasks.AsNoTracking() // as they are now that they are locked
            .Where(task => task.UserId == user && waiting.Contains(task.Id) && task.Status == TaskItemStatus.Pending).ToListAsync(ct);
        foreach (var task in open.Where(task => task.DueDate is { AllDay: true }))
        {
            new ReminderPlan(db, task, preference.AllDayReminderTime, preference.UpdatedAt)
                .Move(reminders.Where(reminder => reminder.TaskId == task.Id));
        }
    }

    // Those of a task that was locked with its reminders are known.
    private async Task<IEnumerable<Reminder>> LoadStored(CancellationToken ct)
    {
        var changed = tasks.Where(entry => entry.State != EntityState.Added).Select(entry => entry.Entity).ToList();
        var known = changed.SelectMany(task => task.Reminders ?? []);
        var others = changed.Where(task => task.Reminders is null).ToList();
        return others.Count == 0
            ? known
            : known.Concat(await TaskReminders.Load(db, [.. others.Select(task => task.UserId).Distinct()], [.. others.Select(task => task.Id)], ct));
    }

    private static bool IsCause(EntityEntry<TaskItem> entry)
    {
        var task = entry.Entity;
        return entry.State switch
        {
            EntityState.Added => task is { ReminderOffset: not null, DueDate: not null },
            EntityState.Deleted => true,
            EntityState.Modified => entry.Property(changed => changed.Status).IsModified
                || entry.Property(changed => changed.ReminderOffset).IsModified
                || entry.Property(changed => changed.DueDate).IsModified
                || (entry.Property(changed => changed.TimeZone).IsModified && task.DueDate is { AllDay: true }),
            _ => false,
        };
    }

    private static bool IsCause(EntityEntry<NotificationPreference> entry) =>
        entry.State == EntityState.Added || (entry.State == EntityState.Modified && entry.Property(changed => changed.AllDayReminderTime).IsModified);
}
