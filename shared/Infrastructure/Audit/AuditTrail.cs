using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.Events;
using static TodoFlow.Infrastructure.Persistence.Rows.Columns;

namespace TodoFlow.Infrastructure.Audit;

/// <summary>Records every event about a task, and reads a task's history.</summary>
public sealed class AuditTrail(NpgsqlDataSource database) : IEventHandler
{
    /// <summary>The consumer group.</summary>
    public const string GroupName = "todoflow-audit";

    /// <inheritdoc/>
    public string Group => GroupName;

    /// <summary>Adds one row per event. Those of a user who is gone are passed over, as their trail is gone too.</summary>
    public Task Handle(UnitOfWork work, IReadOnlyList<Event> events, CancellationToken ct)
    {
        var about = events.Where(read => read is { TaskId: not null, UserId: not null }).Select(read => (Event: read, Data: read.Data as TaskEventData)).ToList();
        work.Execute(new NpgsqlBatchCommand(
            """
            insert into audit_entry (event_id, task_id, user_id, event_type, occurred_at, task_version, correlation_id, changes, conflict)
            select event_id, task_id, user_id, event_type, occurred_at, task_version, correlation_id, changes::jsonb, conflict::jsonb
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
                as event (event_id, task_id, user_id, event_type, occurred_at, task_version, correlation_id, changes, conflict)
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
            },
        });
        return Task.CompletedTask;
    }

    /// <summary>What happened to a task of a user's, oldest first; nothing where it never was theirs.</summary>
    public async Task<List<HistoryEntry>> Read(Guid user, Guid task, int limit, int offset, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            """
            select event_id, event_type, occurred_at, correlation_id, changes, conflict from audit_entry
            where user_id = $1 and task_id = $2 order by occurred_at, task_version, event_id limit $3 offset $4
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = task });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = offset });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var entries = new List<HistoryEntry>();
        while (await rows.ReadAsync(ct))
        {
            entries.Add(new HistoryEntry
            {
                EventId = rows.GetGuid(0),
                EventType = rows.GetString(1),
                Time = rows.GetFieldValue<DateTimeOffset>(2),
                CorrelationId = rows.GetString(3),
                Changes = JsonSerializer.Deserialize(rows.GetString(4), TaskJson.Wire.IReadOnlyListFieldChange)!,
                Conflict = rows.IsDBNull(5) ? null : JsonSerializer.Deserialize(rows.GetString(5), TaskJson.Wire.TaskConflict),
            });
        }

        return entries;
    }
}
