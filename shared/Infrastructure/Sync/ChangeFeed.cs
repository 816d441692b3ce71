using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Persistence.Rows;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Infrastructure.Sync;

/// <summary>What changed since a device last asked.</summary>
/// <param name="Tasks">Tasks as they are now.</param>
/// <param name="Reminders">Reminders as they are now.</param>
/// <param name="Notifications">Notifications as they are now.</param>
/// <param name="Preferences">The preferences; null where they did not change.</param>
/// <param name="Removed">What the device no longer keeps.</param>
public sealed record ChangesResponse(
    IReadOnlyList<TaskResponse> Tasks, IReadOnlyList<ReminderResponse> Reminders, IReadOnlyList<NotificationResponse> Notifications,
    PreferencesResponse? Preferences, IReadOnlyList<RemovedResponse> Removed);

/// <summary>Something that was removed.</summary>
/// <param name="Resource">What it was: tasks, reminders or notifications.</param>
/// <param name="Id">Its id.</param>
/// <param name="Reason">trashed, where it can be restored; or purged.</param>
public sealed record RemovedResponse(string Resource, Guid Id, string Reason);

/// <summary>One page of changes.</summary>
/// <param name="Changes">What changed.</param>
/// <param name="SyncToken">What the next request sends.</param>
/// <param name="HasMore">Whether more is to be asked for at once.</param>
/// <param name="Full">Whether the device started anew: what it had before, and what no page brings, is not there any more.</param>
public sealed record ChangePage(ChangesResponse Changes, string SyncToken, bool HasMore, bool Full);

/// <summary>
/// Tells the caller's devices what changed. Nothing is asked by time: a page has the rows that were written by the token's transaction or
/// later ones, and the next pull begins with the oldest transaction that had not ended when the first page was read. So what is committed
/// late is told next time; what is told twice has the same version. Each row is read as it is when it is told.
/// </summary>
public sealed class ChangeFeed(
    NpgsqlDataSource database, SyncEpochs epochs, PreferenceStore preferences, Caller caller, IOptions<SyncSettings> settings, TimeProvider clock)
{
    // Of what is no task: a notification with a title of 500 characters that take six bytes each.
    private const int LongestOther = 4_000;

    private static readonly Problem Expired = new(
        410, "sync_token_expired", "The sync_token is too old, or not one of this user, of these resources and of this database. Start anew without one.");

    /// <summary>Where the caller's device is.</summary>
    /// <param name="token">What it was given; null where it starts anew.</param>
    /// <param name="resources">What it asks for; null for what it had.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ProblemException">410: the token does not serve.</exception>
    public async Task<SyncToken> Open(string? token, SyncResources? resources, CancellationToken ct)
    {
        if (token is null)
        {
            return new(resources ?? SyncResources.All, IsFull: true, clock.GetUtcNow(), 0, null);
        }

        var read = SyncToken.Read(token, caller.UserId, await epochs.Current(ct));
        if (read is null)
        {
            epochs.Forget(); // another process may have seen a renewal before this one
            read = SyncToken.Read(token, caller.UserId, await epochs.Current(ct));
        }

        return read is not null && (resources ?? read.Resources) == read.Resources && read.BeganAt > clock.GetUtcNow() - settings.Value.KeepTombstones
            ? read
            : throw Expired.AsException();
    }

    /// <summary>One page of what changed.</summary>
    /// <param name="from">Where the device is.</param>
    /// <param name="limit">How many rows at most.</param>
    /// <param name="budget">How long the page may be: it ends early where it would be longer.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ProblemException">410: the epoch of the database was renewed.</exception>
    public async Task<ChangePage> Pull(SyncToken from, int limit, PageBudget budget, CancellationToken ct)
    {
        var epoch = await epochs.Current(ct);
        var now = clock.GetUtcNow();
        var changed = await ChangedRows.Find(database, caller.UserId, from, limit + 1, ct);
        var isFirst = from.After is null;
        if (changed.Epoch != epoch.Id)
        {
            epochs.Forget();
            epoch = from is { IsFull: true } && isFirst ? await epochs.Current(ct) : throw Expired.AsException();
        }

        var more = changed.Rows.Count > limit;
        var rows = more ? changed.Rows[..limit] : changed.Rows;
        var all = isFirst && from.IsFull && from.Resources.HasFlag(SyncResources.Preferences);
        if (rows.FindIndex(row => !budget.Add(row.Kind == ChangedRows.Task ? TaskResponseRows.JsonSizeOf(changed.Tasks[row.Id]) : LongestOther)) is var fitting and >= 0)
        {
            (rows, more) = (rows[..fitting], true);
        }

        var changes = await Read(rows, changed, all, ct);
        var next = new SyncToken(
            from.Resources, from.IsFull && more, isFirst ? now : from.BeganAt, isFirst ? changed.Oldest : from.Xid, more ? rows[^1] : null);
        return new(changes, next.Write(caller.UserId, epoch), more, from.IsFull);
    }

    // What was removed since it was found is left out: its removal is told next.
    private async Task<ChangesResponse> Read(List<SyncPosition> changed, ChangedRows found, bool withPreferences, CancellationToken ct)
    {
        List<ReminderResponse> reminders = [];
        List<NotificationResponse> notifications = [];
        await using var batch = database.CreateBatch();
        List<Action<NpgsqlDataReader>> readers = [];
        Ask(ChangedRows.Reminder, $"select {ReminderRows.Columns} from reminder", "", row => reminders.Add(ReminderResponse.From(ReminderRows.Read(row))));
        Ask(
            ChangedRows.Notification,
            "select id, task_id, reminder_id, title, body, created_at, read_at, (select completed_at from task_item as task where task.id = task_id and task.user_id = $2) from notification",
            " and listed",
            row => notifications.Add(new(
                row.GetGuid(0), row.GetGuid(1), row.IsDBNull(2) ? null : row.GetGuid(2), row.GetString(3), row.GetString(4),
                row.GetFieldValue<DateTimeOffset>(5), row.IsDBNull(6) ? null : row.GetFieldValue<DateTimeOffset>(6),
                row.IsDBNull(7) ? null : row.GetFieldValue<DateTimeOffset>(7))));
        if (batch.BatchCommands.Count > 0)
        {
            await using var rows = await batch.ExecuteReaderAsync(ct);
            foreach (var reader in readers)
            {
                while (await rows.ReadAsync(ct))
                {
                    reader(rows);
                }

                await rows.NextResultAsync(ct);
            }
        }

        return new(
            [.. changed.Where(row => row.Kind == ChangedRows.Task).Select(row => found.Tasks[row.Id])], reminders, notifications,
            withPreferences || changed.Exists(row => row.Kind == ChangedRows.Preference) ? await preferences.Read(ct) : null,
            [.. changed.Where(row => row.Kind == ChangedRows.Tombstone).Select(row => new RemovedResponse(found.Removed[row.Id].Resource, row.Id, found.Removed[row.Id].Reason))]);

        void Ask(byte kind, string select, string condition, Action<NpgsqlDataReader> read)
        {
            var ids = changed.Where(row => row.Kind == kind).Select(row => row.Id).ToArray();
            if (ids.Length > 0)
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand($"{select} where id = any($1) and user_id = $2{condition}")
                {
                    Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = ids }, new NpgsqlParameter<Guid> { TypedValue = caller.UserId } },
                });
                readers.Add(read);
            }
        }
    }
}
