using Npgsql;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Infrastructure.Recurrence;

/// <summary>
/// What is stored of the series that a batch of events is about, read in one round trip once the tasks of the events are locked, and
/// kept up with what the batch does: a later event sees what an earlier one made or removed, saved or not.
/// </summary>
internal sealed class StoredSeries
{
    private readonly Dictionary<Guid, long> _statusVersions = [];
    private readonly Dictionary<Guid, Guid?> _parents = []; // of what has the id of a next occurrence; null where it is none
    private readonly byte[] _key;
    private readonly HashSet<Guid> _withHead = [];
    private readonly HashSet<Guid> _users = [];

    private StoredSeries(byte[] key) => _key = key;

    /// <summary>What their reminders carry on to the next occurrences.</summary>
    public CarriedReminders Reminders { get; } = new();

    /// <summary>Locks tasks, in the order of their ids so that two batches never wait for each other, and reads what may follow them.</summary>
    /// <param name="work">The change, in its transaction.</param>
    /// <param name="key">The key of ids of occurrences.</param>
    /// <param name="tasks">The tasks as the events have them: of a series each, and stored or not.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<StoredSeries> Lock(UnitOfWork work, byte[] key, IReadOnlyCollection<TaskResponse> tasks, CancellationToken ct)
    {
        await using var batch = work.CreateBatch();

        // Each statement has a snapshot of its own: those behind the first see whatever was committed before the tasks were locked.
        Ask("select id, case when status = 1 then (field_versions->>'status')::bigint else 0 end from task_item where id = any($1) order by id for no key update", tasks.Select(task => task.Id));
        Ask("select id, parent_task_id from task_item where id = any($1)", tasks.SelectMany(task => OccurrenceIds.After(key, task.SeriesId!.Value, task.Occurrence!.Value)));
        Ask("select series_id from task_item where series_id = any($1) and status = 0 and recurrence is not null", tasks.Select(task => task.SeriesId!.Value));
        Ask("select id from app_user where id = any($1)", tasks.Select(task => task.UserId));
        CarriedReminders.Ask(batch, tasks);

        var stored = new StoredSeries(key);
        await using var rows = await batch.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            stored._statusVersions.Add(rows.GetGuid(0), rows.GetInt64(1));
        }

        await rows.NextResultAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            stored._parents.Add(rows.GetGuid(0), rows.IsDBNull(1) ? null : rows.GetGuid(1));
        }

        foreach (var ids in new[] { stored._withHead, stored._users })
        {
            await rows.NextResultAsync(ct);
            while (await rows.ReadAsync(ct))
            {
                ids.Add(rows.GetGuid(0));
            }
        }

        await stored.Reminders.Read(rows, ct);
        return stored;

        void Ask(string sql, IEnumerable<Guid> ids)
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. ids.Distinct()] });
            batch.BatchCommands.Add(command);
        }
    }

    /// <summary>
    /// The occurrence that came of one; null where there is none. Its parent tells it from a task that only has its id, whatever became of
    /// its series since; one from before there was a key has the id of then.
    /// </summary>
    public Guid? NextOf(TaskResponse task) =>
        OccurrenceIds.After(_key, task.SeriesId!.Value, task.Occurrence!.Value).Where(id => _parents.GetValueOrDefault(id) == task.Id).Select(id => (Guid?)id).FirstOrDefault();

    /// <summary>The id for the occurrence that follows one.</summary>
    /// <param name="task">The completed one.</param>
    /// <param name="clashed">Told of each id that another task has.</param>
    /// <exception cref="InvalidOperationException">Other tasks have all of its ids, which nobody can bring about who does not have the key.</exception>
    public Guid FreeIdAfter(TaskResponse task, Action<Guid> clashed)
    {
        foreach (var id in OccurrenceId.ChoicesOf(_key, task.SeriesId!.Value, task.Occurrence!.Value + 1))
        {
            if (!_parents.ContainsKey(id))
            {
                return id;
            }

            clashed(id);
        }

        throw new InvalidOperationException("Other tasks have every id of a next occurrence.");
    }

    /// <summary>The version in which a task of the batch was completed; 0 while it is open; null where it is gone.</summary>
    public long? StatusVersionOf(Guid task) => _statusVersions.TryGetValue(task, out var version) ? version : null;

    /// <summary>
    /// Whether an occurrence can follow a completed one: its user may be gone; or the series has its head already, since somebody
    /// reopened one or made it otherwise.
    /// </summary>
    public bool MayGoOnAfter(TaskResponse completed) =>
        _users.Contains(completed.UserId) && !_withHead.Contains(completed.SeriesId!.Value) && NextOf(completed) is null;

    /// <summary>The batch made the occurrence that follows a completed one.</summary>
    public void WentOnAfter(TaskResponse completed, Guid next)
    {
        _parents.Add(next, completed.Id);
        _withHead.Add(completed.SeriesId!.Value);
        _statusVersions[next] = 0;
    }

    /// <summary>The batch removed the open occurrence that followed one.</summary>
    public void WentBackTo(TaskResponse reopened, Guid next)
    {
        _parents.Remove(next);
        _withHead.Remove(reopened.SeriesId!.Value);
        _statusVersions.Remove(next);
    }
}
