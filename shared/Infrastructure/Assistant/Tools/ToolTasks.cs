using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Recurrence;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Infrastructure.Assistant.Tools;

/// <summary>When to remind: some time before the due date, or at an instant.</summary>
/// <param name="Offset">How long before the due date, checked; null for one at an instant.</param>
/// <param name="At">The instant, where there is no offset.</param>
public sealed record ReminderTime(string? Offset, DateTimeOffset? At)
{
    // Two offsets are the same where they are as long, however they are written.
    internal object Key => Offset is null ? At!.Value.UtcDateTime : ReminderOffset.TryParse(Offset, out var span) ? span.Value : Offset;
}

/// <summary>Where a task of the caller's is stored.</summary>
/// <param name="CreatedAt">When it was created, UTC.</param>
/// <param name="InTrash">Whether it is in the trash.</param>
public sealed record StoredTask(DateTimeOffset CreatedAt, bool InTrash);

/// <summary>What the assistant's tools do in one transaction, and the stores in several; otherwise they use the stores themselves.</summary>
public sealed class ToolTasks(
    UnitOfWork work, TaskStore tasks, ReminderStore reminders, OccurrenceIds occurrences, NpgsqlDataSource database, Caller caller, TimeProvider clock)
{
    // A call that is sent again comes soon: it may be tomorrow by then.
    private static readonly TimeSpan LateRepeat = TimeSpan.FromHours(1);

    /// <summary>Which of some tasks the caller has, in the trash or not.</summary>
    public async Task<IReadOnlyDictionary<Guid, StoredTask>> Find(Guid[] ids, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            """
            select id, created_at, false from task_item where user_id = $1 and id = any($2)
            union all select id, (task ->> 'created_at')::timestamptz, true from trashed_task where user_id = $1 and id = any($2)
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = caller.UserId });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new Dictionary<Guid, StoredTask>();
        while (await rows.ReadAsync(ct))
        {
            found.TryAdd(rows.GetGuid(0), new(rows.GetFieldValue<DateTimeOffset>(1), rows.GetBoolean(2))); // a task before what had its id
        }

        return found;
    }

    /// <summary>
    /// The ids of tasks that are added without one. Without an id of the call the same content means the same task on the same date, in the
    /// user's zone; and within an hour after midnight what was added shortly before.
    /// </summary>
    /// <param name="contents">What the tasks say (<see cref="AddedTaskId.ContentOf"/>).</param>
    /// <param name="call">The client's id of the call; null where it has none.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<Guid[]> IdsOf(IReadOnlyList<string> contents, string? call, CancellationToken ct)
    {
        var (key, now) = (await occurrences.Key(work, ct), clock.GetUtcNow());
        var today = TimeZoneInfo.ConvertTime(now, TimeZoneInfo.FindSystemTimeZoneById(caller.TimeZone)).Date;
        var seen = new Dictionary<string, int>();
        var repeats = contents.Select(content => seen[content] = seen.GetValueOrDefault(content) + 1).ToArray();
        var ids = Of(call is null ? Date(today) : $"call:{call}");
        if (call is not null || TimeZoneInfo.ConvertTime(now - LateRepeat, TimeZoneInfo.FindSystemTimeZoneById(caller.TimeZone)).Date == today)
        {
            return ids;
        }

        var before = Of(Date(today.AddDays(-1)));
        var stored = await Find(before, ct);
        return [.. ids.Select((id, index) => stored.TryGetValue(before[index], out var other) && other.CreatedAt >= now - LateRepeat ? before[index] : id)];

        Guid[] Of(string name) => [.. contents.Select((content, index) => AddedTaskId.For(key, caller.UserId, name, content, repeats[index] - 1))];
        static string Date(DateTime date) => date.ToString("'date:'yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    /// <summary>Adds a task with its reminders, once.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="edit">Its fields, checked.</param>
    /// <param name="content">What it says, by which a repeat is known.</param>
    /// <param name="more">The reminders that it has besides its own.</param>
    /// <param name="ct">Ends the wait; nothing is stored then.</param>
    /// <returns>The task as it stands, and whether it is new.</returns>
    /// <exception cref="ProblemException">As <see cref="TaskStore.Create"/> and <see cref="ReminderStore.Add"/>; nothing is stored.</exception>
    public Task<(TaskResponse Task, bool IsNew)> Add(Guid id, TaskEdit edit, string content, IReadOnlyList<ReminderTime> more, CancellationToken ct) =>
        work.Run(async () =>
        {
            var digest = SHA256.HashData(Encoding.UTF8.GetBytes(content));
            if (more.Count == 0)
            {
                return await tasks.CreateOnce(id, edit, digest, ct);
            }

            await work.Begin(ct);
            var added = await tasks.CreateOnce(id, edit, digest, ct);
            foreach (var reminder in added.IsNew ? more : [])
            {
                await work.Flush(ct); // what follows reads the task, and counts its reminders
                await reminders.Add(id, reminder.Offset, reminder.At, ct);
            }

            return added;
        }, ct);

    /// <summary>Lets exactly these reminders wait for a task; those that do already stay as they are.</summary>
    /// <param name="id">The task.</param>
    /// <param name="wanted">When to remind.</param>
    /// <param name="ct">Ends the wait; nothing is changed then.</param>
    /// <returns>The task, and whether anything was changed.</returns>
    /// <exception cref="ProblemException">404: no such task; 409: it is completed; 400: it has no due date to count from. Nothing is changed.</exception>
    public Task<(TaskResponse Task, bool IsChanged)> SetReminders(Guid id, IReadOnlyList<ReminderTime> wanted, CancellationToken ct) => work.Run(async () =>
    {
        var (task, stored) = await TaskReminders.Lock(work, caller.UserId, id, withReminders: true, ct) ?? throw Problem.NotFound("task").AsException();
        if (task.Status == TaskItemStatus.Completed)
        {
            throw Problem.Conflict("task_completed", "The task is completed. Reopen it first.").AsException();
        }

        if (task.DueDate is null && wanted.Any(reminder => reminder.Offset is not null))
        {
            throw Problem.Invalid("reminders", "count from the task's due date, and the task has none: set due_date, or name instants").AsException();
        }

        // The task's own offset goes on with its series: it stays where it is wanted, and otherwise gives way to the first that is.
        var keys = wanted.Select(reminder => reminder.Key).ToHashSet();
        var others = stored.Where(reminder => reminder is { IsWaiting: true, OfTask: false }).ToList();
        var own = task.ReminderOffset is { } current && keys.Contains(new ReminderTime(current, null).Key)
            ? current
            : wanted.FirstOrDefault(reminder => reminder.Offset is not null && !others.Exists(other => KeyOf(other).Equals(reminder.Key)))?.Offset;
        var (response, changed) = (TaskResponse.From(task), false);
        var there = stored.Where(reminder => reminder.IsWaiting || reminder is { FiredAt: not null, Status: not ReminderStatus.Cancelled })
            .Where(reminder => !reminder.OfTask || own == task.ReminderOffset)
            .ToLookup(KeyOf);
        if (own != task.ReminderOffset)
        {
            response = await tasks.Change(
                id, _ => true, locked => locked.Update(new TaskEdit { ReminderOffset = own }, null, clock.GetUtcNow()), movesReminders: true, ct);
            changed = true;
        }

        foreach (var other in others.Where(reminder => !keys.Contains(KeyOf(reminder))))
        {
            await work.Flush(ct); // what follows reads what was changed
            await reminders.Cancel(other.Id, ct);
            changed = true;
        }

        var ownKey = own != task.ReminderOffset && own is not null ? new ReminderTime(own, null).Key : null;
        foreach (var reminder in wanted.DistinctBy(reminder => reminder.Key).Where(reminder => !there.Contains(reminder.Key) && !reminder.Key.Equals(ownKey)))
        {
            await work.Flush(ct);
            await reminders.Add(id, reminder.Offset, reminder.At, ct);
            changed = true;
        }

        return (response, changed);

        static object KeyOf(Reminder reminder) => new ReminderTime(reminder.ReminderOffset, reminder.RemindAt).Key;
    }, ct);
}
