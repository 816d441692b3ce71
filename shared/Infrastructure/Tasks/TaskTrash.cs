using Microsoft.EntityFrameworkCore;
using Npgsql;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Persistence.Rows;
using TodoFlow.Infrastructure.Quotas;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Infrastructure.Tasks;

/// <summary>Takes the caller's tasks out of the trash: back among the tasks, or for good.</summary>
public sealed class TaskTrash(UnitOfWork work, UserQuotas quotas, Caller caller, TimeProvider clock)
{
    private const int Batch = 200;

    /// <summary>
    /// Restores a task with the reminders whose instants are still to come. Where its series has another open occurrence by now, it
    /// becomes a task of its own. One that is not in the trash, but among the tasks, stays as it is.
    /// </summary>
    /// <param name="id">The task.</param>
    /// <param name="ifMatch">The versions that the client accepts.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ProblemException">403 <c>quota_exceeded</c>; 404: no such task; 409: another user's task has the id by now; 412: another version is in the trash.</exception>
    public async Task<TaskResponse> Restore(Guid id, Func<long, bool> ifMatch, CancellationToken ct) => (await RestoreOnce(id, ifMatch, ct)).Task;

    /// <summary>Restores a task, and says whether it came out of the trash now.</summary>
    /// <inheritdoc cref="Restore(Guid, Func{long, bool}, CancellationToken)"/>
    public async Task<(TaskResponse Task, bool IsBack)> RestoreOnce(Guid id, Func<long, bool> ifMatch, CancellationToken ct)
    {
        using var growth = new QuotaGrowth(quotas, work, caller.UserId);
        var restored = await Restore(id, ifMatch, growth, ct);
        growth.Keep();
        return restored;
    }

    private Task<(TaskResponse Task, bool IsBack)> Restore(Guid id, Func<long, bool> ifMatch, QuotaGrowth growth, CancellationToken ct) => work.Run(async () =>
    {
        var task = await Lock(id, ct);
        var stored = await work.Db.Tasks.AsNoTracking().SingleOrDefaultAsync(other => other.Id == id, ct);
        if (stored is not null)
        {
            return stored.UserId == caller.UserId ? (TaskResponse.From(stored), false)
                : throw (task is null ? Problem.NotFound("task") : Problem.Conflict("task_id_taken", "Another task has this id by now.")).AsException();
        }

        if (task is null)
        {
            throw Problem.NotFound("task").AsException();
        }

        if (!ifMatch(task.Version))
        {
            throw TaskStore.Stale(task);
        }

        await growth.By(new(1, 0, 0), ct); // its bytes counted in the trash, too
        var hasHead = task.IsHead && await work.Db.Tasks.AnyAsync(
            other => other.SeriesId == task.SeriesId && other.Status == TaskItemStatus.Pending && other.Recurrence != null, ct);
        work.Execute(TrashRows.Delete(caller.UserId, [id]));
        work.Raise(task.Restore(hasHead, clock.GetUtcNow()));
        work.Restore(task);
        if (task.Status == TaskItemStatus.Pending)
        {
            var (_, reminders) = await TaskReminders.Load(work, task.UserId, [task.Id], ct);
            var plan = new ReminderPlan(task, await TaskReminders.AllDayTimeOf(work, task, ct), task.UpdatedAt);
            plan.Restore(reminders);
            work.Save(plan);
        }

        return (TaskResponse.From(task), true);
    }, ct);

    /// <summary>Deletes a task in the trash for good.</summary>
    /// <exception cref="ProblemException">404: no such task in the trash; 412: another version is there.</exception>
    public Task<TaskResponse> Purge(Guid id, Func<long, bool> ifMatch, CancellationToken ct) => work.Run(async () =>
    {
        var task = await Lock(id, ct) ?? throw Problem.NotFound("task").AsException();
        if (!ifMatch(task.Version))
        {
            throw TaskStore.Stale(task);
        }

        Purge(work, [task], clock.GetUtcNow());
        return TaskResponse.From(task);
    }, ct);

    /// <summary>Deletes for good all that is in the trash, in batches: it may be much.</summary>
    public async Task PurgeAll(CancellationToken ct)
    {
        while (await work.Run(() => PurgeSome(work, Some($"user_id = $1 order by id limit {Batch} for update", caller.UserId), clock.GetUtcNow(), ct), ct) == Batch)
        {
        }
    }

    /// <summary>Deletes a batch of old tasks for good, whosever they are; those that somebody else is about to take out are passed over.</summary>
    /// <param name="work">The change.</param>
    /// <param name="before">When those were deleted that are old, UTC: before this instant.</param>
    /// <param name="now">The time of the change, UTC.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>How many, and whether more may be left.</returns>
    internal static async Task<(int Purged, bool More)> PurgeOld(UnitOfWork work, DateTimeOffset before, DateTimeOffset now, CancellationToken ct)
    {
        var purged = await PurgeSome(work, Some($"trashed_at < $1 order by trashed_at limit {Batch} for update skip locked", before), now, ct);
        return (purged, purged == Batch);
    }

    // Some tasks of the trash, locked.
    private static NpgsqlBatchCommand Some<T>(string condition, T value) => new(
        $"select {TaskItemRows.Columns} from {TrashRows.Tasks($"select task from trashed_task where {condition}")}")
    {
        Parameters = { new NpgsqlParameter<T> { TypedValue = value } },
    };

    // Fewer than a batch where no more are left.
    private static async Task<int> PurgeSome(UnitOfWork work, NpgsqlBatchCommand some, DateTimeOffset now, CancellationToken ct)
    {
        await work.Begin(ct);
        await using var batch = work.CreateBatch();
        batch.BatchCommands.Add(some);
        var tasks = new List<TaskItem>();
        await using (var rows = await batch.ExecuteReaderAsync(ct))
        {
            while (await rows.ReadAsync(ct))
            {
                tasks.Add(TaskItemRows.Read(rows));
            }
        }

        Purge(work, tasks, now);
        return tasks.Count;
    }

    private static void Purge(UnitOfWork work, IReadOnlyCollection<TaskItem> tasks, DateTimeOffset now)
    {
        foreach (var ofUser in tasks.GroupBy(task => task.UserId))
        {
            work.Execute(TrashRows.Delete(ofUser.Key, ofUser.Select(task => task.Id)));
        }

        foreach (var task in tasks)
        {
            work.Raise(task.Purge(now));
        }
    }

    private async Task<TaskItem?> Lock(Guid id, CancellationToken ct)
    {
        await work.Begin(ct);
        await using var batch = work.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"select {TaskItemRows.Columns} from {TrashRows.Tasks("select task from trashed_task where user_id = $1 and id = $2 for update")}")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = caller.UserId }, new NpgsqlParameter<Guid> { TypedValue = id } },
        });
        await using var rows = await batch.ExecuteReaderAsync(ct);
        return await rows.ReadAsync(ct) ? TaskItemRows.Read(rows) : null;
    }
}
