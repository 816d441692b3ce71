using Microsoft.EntityFrameworkCore;
using Npgsql;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Events;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Persistence;
using TodoFlow.Reminders;

namespace TodoFlow.Tasks;

/// <summary>Stores changes to the caller's tasks together with their events.</summary>
public sealed class TaskStore(TodoFlowDb db, NewRows rows, ReminderQueue reminders, Caller caller)
{
    // A writer loses this often only while as many others win: then the answer is to try again later.
    private const int MaxTries = 50;

    /// <summary>Adds a task. A repeat of a create (same id of the client's, same digest) gives the task as it stands.</summary>
    /// <param name="task">The task.</param>
    /// <param name="fact">That it was created.</param>
    /// <param name="preference">What its user's preferences said when it was made; null where it does not depend on them.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ProblemException">409: the id belongs to another task, whoever owns it.</exception>
    /// <exception cref="OvertakenException">The user's preferences are others by now.</exception>
    public async Task<TaskResponse> Add(TaskItem task, TaskCreated fact, TaskPreference? preference, CancellationToken ct)
    {
        try
        {
            await (db.Database.CurrentTransaction is null ? Insert(task, fact, preference, ct) : Save(task, fact, ct));
            return TaskResponse.From(task);
        }
        catch (DbUpdateException error) when (error.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            db.ChangeTracker.Clear();
            var first = await db.Tasks.AsNoTracking().SingleOrDefaultAsync(other => other.Id == task.Id && other.UserId == caller.UserId, ct);
            return task.CreateDigest is { } digest && first?.CreateDigest is { } known && digest.AsSpan().SequenceEqual(known)
                ? TaskResponse.From(first)
                : throw Problem.Conflict("task_id_taken", "Another task has this id. Choose a new UUID.").AsException();
        }
    }

    /// <summary>
    /// Changes the caller's task and announces the fact. The change is made again on the newer state when another writer was
    /// faster, so each change starts from what is stored: the last write wins, field by field.
    /// </summary>
    /// <param name="id">The task.</param>
    /// <param name="ifMatch">The versions that the client accepts.</param>
    /// <param name="change">Changes the task and returns the fact, or null where there is nothing to change.</param>
    /// <param name="movesReminders">Whether reminders may follow the change: then they are read in the round trip of the task.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ProblemException">404: no such task; 412: another version is stored.</exception>
    public Task<TaskResponse> Change(
        Guid id, Func<long, bool> ifMatch, Func<TaskItem, TaskEvent?> change, bool movesReminders, CancellationToken ct) =>
        Change(id, ifMatch, [change], movesReminders, ct);

    /// <summary>Makes several changes, one after the other, in one transaction; each that changes something is a version and a fact.</summary>
    /// <inheritdoc cref="Change(Guid, Func{long, bool}, Func{TaskItem, TaskEvent?}, bool, CancellationToken)"/>
    public async Task<TaskResponse> Change(
        Guid id, Func<long, bool> ifMatch, IReadOnlyList<Func<TaskItem, TaskEvent?>> changes, bool movesReminders, CancellationToken ct)
    {
        for (var tries = 1; ; tries++)
        {
            await using var transaction = await db.BeginOwn(ct);
            var task = await TaskReminders.Lock(db, caller.UserId, id, movesReminders, ct) ?? throw Problem.NotFound("task").AsException();
            if (!ifMatch(task.Version))
            {
                throw Stale(task);
            }

            db.Attach(task);
            await LoadNext(task, ct);
            foreach (var fact in changes.Select(change => change(task)).OfType<TaskEvent>())
            {
                db.Announce(fact);
                switch (fact)
                {
                    case TaskDeleted:
                        db.Remove(task);
                        break;
                    case TaskReopened when task is { GoesBack: true, Next: { } next }:
                        db.Announce(next.Delete(task.UpdatedAt));
                        db.Remove(next);
                        break;
                }
            }

            try
            {
                await db.SaveAndCommit(transaction, ct);
                return TaskResponse.From(task);
            }
            catch (DbUpdateException error) when (tries < MaxTries && IsOvertaken(error))
            {
                db.ChangeTracker.Clear();
            }
            catch (DbUpdateException error) when (IsOvertaken(error))
            {
                throw new Problem(503, "too_many_writers", "Too many others are changing this task. Try again.")
                {
                    RetryAfter = TimeSpan.FromSeconds(1),
                }.AsException();
            }
        }
    }

    // With its reminder, as a save of the context would add it (ReminderCauses).
    private async Task Insert(TaskItem task, TaskCreated fact, TaskPreference? preference, CancellationToken ct)
    {
        var allDayTime = preference?.AllDayReminderTime ?? (await db.ReadAllDayTimes([task], ct)).GetValueOrDefault(task.UserId);
        if (ReminderPlan.OfNew(task, allDayTime) is var (reminder, scheduled))
        {
            await rows.Add([task, reminder], [fact, scheduled], preference, ct);
            reminders.Planned(reminder.RemindAt);
        }
        else
        {
            await rows.Add([task], [fact], preference, ct);
        }
    }

    // Together with what else the transaction does.
    private async Task Save(TaskItem task, TaskCreated fact, CancellationToken ct)
    {
        db.Add(task);
        db.Announce(fact);
        await db.SaveChangesAsync(ct);
    }

    // By another writer of the task, or, where it is reopened, by the consumer that just made its next occurrence.
    private static bool IsOvertaken(DbUpdateException error) =>
        error is DbUpdateConcurrencyException
        || error.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: TaskItemConfiguration.OpenOccurrence };

    private async Task LoadNext(TaskItem task, CancellationToken ct)
    {
        if (task is { MayHaveNext: true, SeriesId: { } series, Occurrence: { } occurrence })
        {
            // The next occurrence; or, where that was deleted, the head of the series.
            var next = OccurrenceId.For(series, occurrence + 1);
            task.Next = await db.Tasks
                .Where(other => other.UserId == task.UserId
                    && (other.Id == next || (other.SeriesId == series && other.Status == TaskItemStatus.Pending && other.Recurrence != null)))
                .OrderByDescending(other => other.Id == next)
                .FirstOrDefaultAsync(ct);
        }
    }

    private static ProblemException Stale(TaskItem task) =>
        new Problem(412, "version_mismatch", $"The task is at version {task.Version}.") { Current = TaskResponse.From(task) }.AsException();
}
