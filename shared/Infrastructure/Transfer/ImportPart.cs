using Npgsql;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Quotas;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>A part of the tasks of a file, which is stored in one transaction. The transaction may be made again: then it begins anew.</summary>
/// <param name="key">The key of ids of occurrences.</param>
/// <param name="user">Whose tasks they become.</param>
/// <param name="format">The format of the file.</param>
/// <param name="items">The tasks.</param>
/// <param name="seen">The ids of the parts before, to which this one's are added at its end: an item may come twice in a file.</param>
/// <param name="heads">The series that have an open occurrence among the parts before, to which this one's are added at its end.</param>
internal sealed class ImportPart(
    byte[] key, Guid user, string format, IReadOnlyList<CheckedItem> items, HashSet<Guid> seen, HashSet<Guid> heads)
{
    private readonly Guid[] _ids = [.. items.Select(item => IdOf(key, user, format, item.Item))];
    private readonly HashSet<Guid> _newIds = [];
    private readonly HashSet<Guid> _newHeads = [];
    private readonly HashSet<Guid> _stored = [];
    private readonly HashSet<Guid> _storedHeads = [];
    private TaskPreference _preference = TaskPreference.Default;
    private DateTimeOffset _now;

    /// <summary>What became of each task.</summary>
    public List<ImportResult> Results { get; } = [];

    /// <summary>What was added.</summary>
    public Usage Growth { get; private set; }

    /// <summary>Begins, or begins anew.</summary>
    /// <param name="preference">What the user prefers about new tasks.</param>
    /// <param name="now">The time of the import, UTC.</param>
    public void Begin(TaskPreference preference, DateTimeOffset now)
    {
        (_preference, _now, Growth) = (preference, now, default);
        Results.Clear();
        foreach (var ids in new[] { _newIds, _newHeads, _stored, _storedHeads })
        {
            ids.Clear();
        }
    }

    /// <summary>Finds which of the tasks are there, and which of their series have an open occurrence.</summary>
    public async Task Find(UnitOfWork work, CancellationToken ct)
    {
        Guid[] ids = [.. _ids, .. items.Select(item => item.Item.OriginalId).OfType<Guid>()];
        Guid[] series = [.. items.Select((item, index) => item.Item.Place is { } place ? MapId(place.SeriesId) : _ids[index]).Distinct()];
        await using var batch = work.CreateBatch();
        Ask("select id from task_item where user_id = $1 and id = any($2) union all select id from trashed_task where user_id = $1 and id = any($2)", ids);
        Ask("select series_id from task_item where user_id = $1 and series_id = any($2) and status = 0 and recurrence is not null", series);
        await using var rows = await batch.ExecuteReaderAsync(ct);
        foreach (var found in new[] { _stored, _storedHeads })
        {
            while (await rows.ReadAsync(ct))
            {
                found.Add(rows.GetGuid(0));
            }

            await rows.NextResultAsync(ct);
        }

        void Ask(string sql, Guid[] wanted) => batch.BatchCommands.Add(new NpgsqlBatchCommand(sql)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = user }, new NpgsqlParameter<Guid[]> { TypedValue = wanted } },
        });
    }

    /// <summary>Makes the tasks that are not there.</summary>
    /// <param name="work">Where they are added; null for a dry run.</param>
    public void Make(UnitOfWork? work)
    {
        foreach (var (index, (item, edit)) in items.Index())
        {
            Results.Add(Make(item, edit, _ids[index], work));
        }
    }

    /// <summary>The part is stored: what follows knows of it.</summary>
    public void End()
    {
        seen.UnionWith(_newIds);
        heads.UnionWith(_newHeads);
    }

    private ImportResult Make(ImportItem item, TaskEdit? edit, Guid id, UnitOfWork? work)
    {
        var result = new ImportResult(item.Source, item.Title, ImportStatus.Created, id);
        if (edit is null || item.Errors.Count > 0)
        {
            return Rejected(item.Errors);
        }

        if (item.OriginalId is { } original && _stored.Contains(original))
        {
            return result with { Status = ImportStatus.Unchanged, TaskId = original };
        }

        if (_stored.Contains(id) || seen.Contains(id) || !_newIds.Add(id))
        {
            return result with { Status = ImportStatus.Unchanged };
        }

        try
        {
            var warnings = Add(item, edit, id, work);
            return warnings.Count == 0 ? result : result with { Warnings = warnings };
        }
        catch (ProblemException error) when (error.Problem.Status == 400)
        {
            _newIds.Remove(id);
            return Rejected(error.Problem.Errors ?? []);
        }

        ImportResult Rejected(IReadOnlyList<FieldError> errors) => result with { Status = ImportStatus.Rejected, TaskId = null, Errors = errors };
    }

    private List<FieldError> Add(ImportItem item, TaskEdit edit, Guid id, UnitOfWork? work)
    {
        var state = new ImportedState { CompletedAt = item.CompletedAt, CreatedAt = item.CreatedAt, Place = PlaceOf(item) };
        var (task, created) = TaskItem.Import(id, user, item.CompletedAt is null ? _preference.ApplyTo(edit) : edit, state, _now);
        var warnings = new List<FieldError>(item.Warnings);
        if (task is { IsHead: true, SeriesId: { } series } && (_storedHeads.Contains(series) || heads.Contains(series) || !_newHeads.Add(series)))
        {
            task.LeaveImportedSeries();
            warnings.Add(new("recurrence", "was left out: its series has another open occurrence"));
        }

        var reminders = new ReminderPlan(task, _preference.AllDayReminderTime, _now);
        if (task.Status == TaskItemStatus.Pending)
        {
            Plan(task, item.Reminders, reminders);
        }

        Growth += new Usage(1, Usage.BytesOf(task), reminders.Added.Count);
        work?.Add(task, created, []);
        work?.Save(reminders);
        return warnings;
    }

    private void Plan(TaskItem task, IReadOnlyList<ImportedReminder> others, ReminderPlan reminders)
    {
        var instants = new HashSet<DateTimeOffset>();
        if (task is { ReminderOffset: { } own, DueDate: not null } && reminders.InstantOf(own) is var at && at > _now)
        {
            instants.Add(at);
            reminders.Schedule(at, own, ofTask: true);
        }

        foreach (var reminder in others.Where(reminder => reminder.Offset is null || task.DueDate is not null))
        {
            var then = reminder.Offset is { } offset ? reminders.InstantOf(offset) : ReminderInstant.At(reminder.At!.Value);
            if (then > _now && instants.Count < Reminder.MaxPerTask && instants.Add(then))
            {
                reminders.Schedule(then, reminder.Offset, ofTask: false);
            }
        }
    }

    private ImportedPlace? PlaceOf(ImportItem item) => item.Place is { } place
        ? place with
        {
            SeriesId = MapId(place.SeriesId),
            ParentTaskId = place.ParentTaskId is { } parent ? IdOf(key, user, format, parent, place with { Occurrence = place.Occurrence - 1 }) : null,
        }
        : null;

    private Guid MapId(Guid id) => ImportedTaskId.For(user, format, $"{id}");

    private static Guid IdOf(byte[] key, Guid user, string format, ImportItem item) =>
        item.OriginalId is { } id ? IdOf(key, user, format, id, item.Place) : ImportedTaskId.For(user, format, item.Key);

    // An occurrence that its series made gets, under the series' new id, the id that this database would make: reopening the one before
    // finds it. Whose database exported it had another key, so its id tells only that the service gave it.
    private static Guid IdOf(byte[] key, Guid user, string format, Guid id, ImportedPlace? place) =>
        place is { Occurrence: > 1 } && OccurrenceId.IsReserved(id)
            ? OccurrenceId.For(key, ImportedTaskId.For(user, format, $"{place.SeriesId}"), place.Occurrence)
            : ImportedTaskId.For(user, format, $"{id}");
}
