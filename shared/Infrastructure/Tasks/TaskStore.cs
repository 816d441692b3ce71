using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Quotas;
using TodoFlow.Infrastructure.Recurrence;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Infrastructure.Tasks;

/// <summary>Stores changes to the caller's tasks together with their events and reminders.</summary>
public sealed class TaskStore(
    UnitOfWork work, TaskPreferences preferences, OccurrenceIds occurrences, UserQuotas quotas, Caller caller, IOptions<TrashSettings> trash,
    TimeProvider clock)
{
    /// <summary>Adds a task. A repeat of a create (same id of the client's, same digest) gives the task as it stands.</summary>
    /// <param name="id">The client's id; null where it sent none.</param>
    /// <param name="edit">The fields, checked; the reminder's offset may be left to the user's preferences.</param>
    /// <param name="createDigest">What tells a repeated create from another one, where the client sent the id.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ProblemException">409: the id belongs to another task, whoever owns it; 403: a quota does not allow more.</exception>
    public async Task<TaskResponse> Create(Guid? id, TaskEdit edit, byte[]? createDigest, CancellationToken ct) => (await CreateOnce(id, edit, createDigest, ct)).Task;

    /// <summary>Adds a task, and says whether it is new or that of a repeat.</summary>
    /// <inheritdoc cref="Create"/>
    public async Task<(TaskResponse Task, bool IsNew)> CreateOnce(Guid? id, TaskEdit edit, byte[]? createDigest, CancellationToken ct)
    {
        QuotaReservation reserved;
        try
        {
            reserved = await quotas.Reserve(work, caller.UserId, Usage.Of(edit), ct);
        }
        catch (ProblemException) when (id is not null)
        {
            // A repeat adds nothing.
            if (await FindRepeated(id.Value, edit.Recurrence.Value is not null, createDigest, ct) is { } stored)
            {
                return (stored, false);
            }

            throw;
        }

        using (reserved)
        {
            var added = await Add(id, edit, createDigest, ct);
            if (added.IsNew)
            {
                reserved.Keep(work);
            }

            return added;
        }
    }

    private Task<(TaskResponse Task, bool IsNew)> Add(Guid? id, TaskEdit edit, byte[]? createDigest, CancellationToken ct) => work.Run(async () =>
    {
        // Hardly any id is taken. Where nothing else is undone by it, the write that fails tells so; then it is looked for.
        if (id is { } own && (work.InTransaction || work.Attempt > 1) && await FindRepeated(own, edit.Recurrence.Value is not null, createDigest, ct) is { } stored)
        {
            return (stored, false);
        }

        var preference = TaskPreference.AppliesTo(edit) ? await preferences.Get(ct) : TaskPreference.Default;
        var now = clock.GetUtcNow();
        var (task, created) = TaskItem.Create(id ?? Guid.CreateVersion7(now), caller.UserId, preference.ApplyTo(edit), createDigest, now);
        work.Add(task, created, ReminderPlan.OfNew(task, preference.AllDayReminderTime));
        return (TaskResponse.From(task), true);
    }, ct);

    /// <summary>
    /// Changes the caller's task and raises the event. The task is locked while it is changed, so each change starts from what is stored:
    /// the last write wins, field by field.
    /// </summary>
    /// <param name="id">The task.</param>
    /// <param name="ifMatch">The versions that the client accepts.</param>
    /// <param name="change">Changes the task and returns the event, or null where there is nothing to change.</param>
    /// <param name="movesReminders">Whether reminders may follow the change: then they are read in the round trip of the task.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ProblemException">404: no such task; 412: another version is stored.</exception>
    public Task<TaskResponse> Change(
        Guid id, Func<long, bool> ifMatch, Func<TaskItem, TaskEvent?> change, bool movesReminders, CancellationToken ct) =>
        Change(id, ifMatch, [(task, _) => change(task)], movesReminders, ct);

    /// <summary>
    /// Makes several changes, one after the other, in one transaction; each that changes something is a version and an event. Each is also
    /// given the occurrence with which the series of a completed task went on.
    /// </summary>
    /// <inheritdoc cref="Change(Guid, Func{long, bool}, Func{TaskItem, TaskEvent?}, bool, CancellationToken)"/>
    public async Task<TaskResponse> Change(
        Guid id, Func<long, bool> ifMatch, IReadOnlyList<Func<TaskItem, TaskItem?, TaskEvent?>> changes, bool movesReminders, CancellationToken ct)
    {
        using var growth = new QuotaGrowth(quotas, work, caller.UserId);
        var changed = await Change(id, ifMatch, changes, movesReminders, growth, ct);
        growth.Keep();
        return changed;
    }

    private Task<TaskResponse> Change(
        Guid id, Func<long, bool> ifMatch, IReadOnlyList<Func<TaskItem, TaskItem?, TaskEvent?>> changes, bool movesReminders, QuotaGrowth growth,
        CancellationToken ct) => work.Run(async () =>
    {
        var (task, reminders) = await TaskReminders.Lock(work, caller.UserId, id, movesReminders, ct) ?? throw Problem.NotFound("task").AsException();
        if (!ifMatch(task.Version))
        {
            throw Stale(task);
        }

        var before = Usage.BytesOf(task);
        TaskItem? next = null;
        if (task.MayHaveNext)
        {
            next = await FindNext(task, ct);
            reminders = movesReminders ? await LockWithNext(task, next, ct) : [];
        }

        var fields = new HashSet<string>();
        TaskItem? takenBack = null;
        foreach (var raised in changes.Select(change => change(task, next)).OfType<TaskEvent>())
        {
            work.Raise(raised);
            fields.UnionWith(raised.Changes.Select(changed => changed.Field));
            switch (raised)
            {
                case TaskDeleted:
                    TaskReminders.Remove(work, task, reminders, toTrash: true);
                    await growth.By(new(-1, 0, 0), ct); // its bytes are in the trash
                    return TaskResponse.From(task);
                case TaskReopened when task.TakesBack(next):
                    takenBack = next!;
                    work.Raise(takenBack.Delete(task.UpdatedAt));
                    break;
            }
        }

        if (fields.Count > 0)
        {
            await growth.By(new(0, Usage.BytesOf(task) - before, 0), ct);
            work.Change(task, fields);
            await TaskReminders.Follow(work, task, [.. reminders.Where(reminder => reminder.TaskId == task.Id)], fields, ct);
        }

        if (takenBack is not null)
        {
            TaskReminders.Remove(work, takenBack, reminders.Where(reminder => reminder.TaskId == takenBack.Id));
        }

        return TaskResponse.From(task);
    }, ct);

    /// <summary>Moves the caller's task to the trash. A delete beats an edit: whoever edits the task afterwards finds none.</summary>
    /// <exception cref="ProblemException">404: no such task, or it is in the trash already; 412: another version is stored.</exception>
    public Task<TaskResponse> Delete(Guid id, Func<long, bool> ifMatch, CancellationToken ct) =>
        Change(id, ifMatch, task => task.Delete(clock.GetUtcNow(), trash.Value.Keep), movesReminders: true, ct);

    // The id is also taken for a recurring task where the series of a task that had it goes on.
    private async Task<TaskResponse?> FindRepeated(Guid id, bool recurs, byte[]? createDigest, CancellationToken ct)
    {
        var first = await work.Db.Tasks.AsNoTracking()
            .Where(other => other.Id == id || (recurs && other.SeriesId == id && other.Status == TaskItemStatus.Pending && other.Recurrence != null))
            .OrderByDescending(other => other.Id == id)
            .FirstOrDefaultAsync(ct);
        return first is null ? null
            : first.Id == id && first.UserId == caller.UserId && createDigest is { } digest && first.CreateDigest is { } known && digest.AsSpan().SequenceEqual(known)
                ? TaskResponse.From(first)
                : throw Problem.Conflict("task_id_taken", "Another task has this id. Choose a new UUID.").AsException();
    }

    // The next occurrence, which came of the task; or, where that was deleted, the head of the series.
    private async Task<TaskItem?> FindNext(TaskItem task, CancellationToken ct)
    {
        if (task is not { SeriesId: { } series, Occurrence: { } occurrence })
        {
            return null;
        }

        var ids = OccurrenceIds.After(await occurrences.Key(work, ct), series, occurrence);
        return await work.Db.Tasks.AsNoTracking()
            .Where(other => other.UserId == task.UserId
                && ((ids.Contains(other.Id) && other.ParentTaskId == task.Id) || (other.SeriesId == series && other.Status == TaskItemStatus.Pending && other.Recurrence != null)))
            .OrderByDescending(other => ids.Contains(other.Id))
            .FirstOrDefaultAsync(ct);
    }

    // The next occurrence only where reopening takes it back; somebody may have changed it since it was read.
    private async Task<List<Reminder>> LockWithNext(TaskItem task, TaskItem? next, CancellationToken ct)
    {
        var goes = task.TakesBack(next) ? next : null;
        var (versions, reminders) = await TaskReminders.Load(work, task.UserId, goes is null ? [task.Id] : [task.Id, goes.Id], ct);
        return goes is null || versions.GetValueOrDefault(goes.Id) == goes.Version ? reminders : throw new ConcurrencyConflictException();
    }

    /// <summary>412: another version is stored than the client has.</summary>
    internal static ProblemException Stale(TaskItem task) =>
        new Problem(412, "version_mismatch", $"The task is at version {task.Version}.") { Current = TaskResponse.From(task) }.AsException();
}
