using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Persistence.Rows;

namespace TodoFlow.Infrastructure.Sync;

/// <summary>The changed rows of a user, in the order of the transactions that wrote them last.</summary>
/// <param name="Oldest">Every transaction before this one had ended when they were read.</param>
/// <param name="Epoch">The epoch of the database.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Tasks">The tasks among them: most of what changes, so no second statement asks for them.</param>
/// <param name="Removed">Of what was removed, the resource and the reason.</param>
internal sealed record ChangedRows(
    ulong Oldest, Guid Epoch, List<SyncPosition> Rows, Dictionary<Guid, TaskResponse> Tasks, Dictionary<Guid, (string Resource, string Reason)> Removed)
{
    /// <summary>The kinds of rows, in the order in which those of one transaction are read.</summary>
    public const byte Preference = 0, Task = 1, Reminder = 2, Notification = 3, Tombstone = 4;

    private const string NotRemoved = "null::text as resource, null::text as reason";

    private static readonly string NoTask = string.Join(", ", TaskResponseRows.Columns.Split(", ").Select(column => $"(null::task_item).{column}"));

    /// <summary>
    /// Finds them: one statement, of which each part is a range of an index by user and transaction. Rows that a transaction wrote which
    /// had not ended are not among them, whatever its number; that is why the next pull begins with <see cref="Oldest"/>.
    /// </summary>
    /// <param name="database">The database.</param>
    /// <param name="user">Whose.</param>
    /// <param name="token">Where the device is.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<ChangedRows> Find(NpgsqlDataSource database, Guid user, SyncToken token, int limit, CancellationToken ct)
    {
        await using var command = database.CreateCommand(Statement(token, limit));
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<ulong> { TypedValue = token.After?.Xid ?? token.Xid, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = token.After?.Id ?? Guid.Empty });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. Names(token.Resources)] });
        await using var rows = await command.ExecuteReaderAsync(ct);
        await rows.ReadAsync(ct); // one row at least
        const int first = TaskResponseRows.ColumnCount;
        var changed = new ChangedRows(rows.GetFieldValue<ulong>(first), rows.GetGuid(first + 1), [], [], []);
        do
        {
            if (!rows.IsDBNull(first + 2))
            {
                var row = new SyncPosition(rows.GetFieldValue<ulong>(first + 3), (byte)rows.GetInt32(first + 2), rows.GetGuid(first + 4));
                changed.Rows.Add(row);
                if (row.Kind == Task)
                {
                    changed.Tasks[row.Id] = TaskResponseRows.Read(rows);
                }
                else if (row.Kind == Tombstone)
                {
                    changed.Removed[row.Id] = (rows.GetString(first + 5), rows.GetString(first + 6));
                }
            }
        }
        while (await rows.ReadAsync(ct));
        return changed;
    }

    /// <summary>The names of resources.</summary>
    public static IEnumerable<string> Names(SyncResources resources)
    {
        foreach (var (resource, name) in new[]
        {
            (SyncResources.Tasks, "tasks"), (SyncResources.Reminders, "reminders"), (SyncResources.Notifications, "notifications"), (SyncResources.Preferences, "preferences"),
        })
        {
            if (resources.HasFlag(resource))
            {
                yield return name;
            }
        }
    }

    private static string Statement(SyncToken token, int limit)
    {
        var count = limit.ToString(CultureInfo.InvariantCulture);
        List<string> parts = [];
        Add(SyncResources.Preferences, Preference, "notification_preference", "user_id", NotRemoved, "");
        Add(SyncResources.Tasks, Task, "task_item", "id", NotRemoved, "");
        Add(SyncResources.Reminders, Reminder, "reminder", "id", NotRemoved, "");
        Add(SyncResources.Notifications, Notification, "notification", "id", NotRemoved, " and listed");
        if (!token.IsFull) // a device that starts anew has nothing that could be removed
        {
            // "offset 0" holds PostgreSQL to a look at each id: expecting many, it would read the whole table of tasks instead.
            Add(
                token.Resources, Tombstone, "tombstone", "id",
                "resource, case when resource = 'tasks' and exists (select from trashed_task as trash where trash.user_id = $1 and trash.id = tombstone.id offset 0) then 'trashed' else 'purged' end as reason",
                " and resource = any($4) and not (resource = 'tasks' and exists (select from task_item as task where task.id = tombstone.id and task.user_id = $1 offset 0))");
        }

        return
            $"""
            select {TaskResponseRows.Columns}, pg_snapshot_xmin(pg_current_snapshot()), (select epoch from sync_epoch), kind, changed_xid, changed_id, resource, reason
            from (select $3 as unused, $4 as unused_too) as always left join lateral (
                select * from ({string.Join("\nunion all ", parts)}) as part order by changed_xid, kind, changed_id limit {count}
            ) as changed on true
            order by changed_xid, kind, changed_id
            """;

        void Add(SyncResources resource, byte kind, string table, string id, string removed, string condition)
        {
            if (token.Resources.HasFlag(resource))
            {
                // Of the transaction of the last row, each kind is read, is to be read, or is read up to that row. A value that is selected
                // is unknown when the statement is planned: else PostgreSQL would plan anew each time, for longer than it reads.
                var range = token.After is not { } after || kind > after.Kind ? "changed_xid >= (select $2)"
                    : kind < after.Kind ? "changed_xid > (select $2)"
                    : $"(changed_xid, {id}) > ((select $2), (select $3))";
                parts.Add(
                    $"(select {(kind == Task ? TaskResponseRows.Columns : NoTask)}, {kind} as kind, changed_xid, {id} as changed_id, {removed} from {table} " +
                    $"where user_id = $1 and {range}{condition} order by changed_xid, {table}.{id} limit {count})");
            }
        }
    }
}
