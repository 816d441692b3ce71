using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.Events;
using static TodoFlow.Infrastructure.Persistence.Rows.Columns;

namespace TodoFlow.Infrastructure.Audit;

/// <summary>Records every event about a task, and reads a task's history.</summary>
public sealed class AuditTrail(NpgsqlDataSource database) : IEventHandler
{
    /// <summary>The handler's name: <see cref="Group"/>.</summary>
    public const string GroupName = "todoflow-audit";

    private const string Entries = "select entry.event_id, event_type, entry.occurred_at, correlation_id, changes, conflict, client_time from audit_entry as entry";
    private const string OfTask = "user_id = $1 and task_id = $2";
    private const string Order = "order by entry.occurred_at, entry.task_version, entry.event_id limit $3 offset $4";

    // Where the page before ended. Events about reminders have no version, and come last among those of an instant.
    private const string Before =
        """
        (select occurred_at, coalesce(task_version, 9223372036854775807) as version, event_id from audit_entry
            where event_id = $5 and user_id = $1 and task_id = $2) as last
        """;

    private const string Behind =
        "(entry.occurred_at, coalesce(task_version, 9223372036854775807), entry.event_id) > (last.occurred_at, last.version, last.event_id)";

    // The names, the punctuation, and what is of a fixed length.
    private const int Frame = 250;

    /// <inheritdoc/>
    public string Group => GroupName;

    /// <summary>Adds one row per event. Those of a user who is gone are passed over, as their trail is gone too.</summary>
    public Task Handle(UnitOfWork work, IReadOnlyList<Event> events, CancellationToken ct)
    {
        var about = events.Where(read => read is { TaskId: not null, UserId: not null }).Select(read => (Event: read, Data: read.Data as TaskEventData)).ToList();
        work.Execute(new NpgsqlBatchCommand(
            """
            insert into audit_entry (event_id, task_id, user_id, event_type, occurred_at, task_version, correlation_id, changes, conflict, client_time)
            select event_id, task_id, user_id, event_type, occurred_at, task_version, correlation_id, changes::jsonb, conflict::jsonb, client_time
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                as event (event_id, task_id, user_id, event_type, occurred_at, task_version, correlation_id, changes, conflict, client_time)
            where exists (select from app_user where id = event.user_id)
            on conflict do nothing
            """)
        {
            Parameters =
            {
                Column(about, entry => entry.Event.Id, NpgsqlDbType.Uuid),
                Column(about, entry => entry.Event.TaskId!.Value, NpgsqlDbType.Uuid),
                Column(about, entry => entry.Event.UserId!.Value, NpgsqlDbType.Uuid),
                Column(about, entry => entry.Event.Type, NpgsqlDbType.Text),
                Column(about, entry => entry.Event.Time.ToUniversalTime(), NpgsqlDbType.TimestampTz),
                Column(about, entry => entry.Data?.TaskData.Version, NpgsqlDbType.Bigint),
                Column(about, entry => entry.Event.CorrelationId, NpgsqlDbType.Text),
                Column(about, entry => JsonSerializer.Serialize(entry.Data?.Changes ?? [], TaskJson.Wire.IReadOnlyListFieldChange), NpgsqlDbType.Text),
                Column(about, entry => entry.Data?.Conflict is { } conflict ? JsonSerializer.Serialize(conflict, TaskJson.Wire.TaskConflict) : null, NpgsqlDbType.Text),
                Column(about, entry => entry.Event.ClientTime?.ToUniversalTime(), NpgsqlDbType.TimestampTz),
            },
        });
        return Task.CompletedTask;
    }

    /// <summary>A page of what happened to a task of a user's, oldest first; nothing where it never was theirs.</summary>
    /// <param name="user">The user.</param>
    /// <param name="task">The task.</param>
    /// <param name="after">The last event of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="offset">How many to skip.</param>
    /// <param name="budget">How long the page may be: it ends early where it would be longer.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The page, and whether there is more.</returns>
    public async Task<(List<HistoryEntry> Entries, bool More)> Page(
        Guid user, Guid task, Guid? after, int limit, int offset, PageBudget budget, CancellationToken ct)
    {
        await using var command = database.CreateCommand(after is null ? $"{Entries} where {OfTask} {Order}" : $"{Entries}, {Before} where {OfTask} and {Behind} {Order}");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = task });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit + 1 });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = offset });
        if (after is { } last)
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = last });
        }

        await using var rows = await command.ExecuteReaderAsync(ct);
        var entries = new List<HistoryEntry>();
        while (await rows.ReadAsync(ct))
        {
            var (correlation, changes, conflict) = (rows.GetString(3), rows.GetString(4), rows.IsDBNull(5) ? null : rows.GetString(5));
            if (entries.Count == limit || !budget.Add(Frame + JsonSize.Of(correlation) + JsonSize.Of(changes) + JsonSize.Of(conflict)))
            {
                return (entries, true);
            }

            entries.Add(new HistoryEntry
            {
                EventId = rows.GetGuid(0),
                EventType = rows.GetString(1),
                Time = rows.GetFieldValue<DateTimeOffset>(2),
                CorrelationId = correlation,
                Changes = JsonSerializer.Deserialize(changes, TaskJson.Wire.IReadOnlyListFieldChange)!,
                Conflict = conflict is null ? null : JsonSerializer.Deserialize(conflict, TaskJson.Wire.TaskConflict),
                ClientTime = rows.IsDBNull(6) ? null : rows.GetFieldValue<DateTimeOffset>(6),
            });
        }

        return (entries, false);
    }
}
