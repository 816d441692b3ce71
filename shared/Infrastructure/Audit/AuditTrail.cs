using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using TodoFlow.Domain.Events;
using TodoFlow.Events;
using TodoFlow.Json;
using TodoFlow.Persistence;

namespace TodoFlow.Infrastructure.Audit;

/// <summary>Records every event about a task, and reads a task's history.</summary>
public sealed class AuditTrail(NpgsqlDataSource database) : IEventEffect
{
    /// <summary>The consumer group.</summary>
    public const string GroupName = "todoflow-audit";

    /// <inheritdoc/>
    public string Group => GroupName;

    /// <summary>Adds one row per event. Those of a user who is gone are passed over, as their trail is gone too.</summary>
    public Task Apply(TodoFlowDb db, IReadOnlyList<Event> events, CancellationToken ct)
    {
        var about = events.Where(read => read is { TaskId: not null, UserId: not null }).ToList();
        var facts = about.Select(read => read.Data as TaskEventData).ToList();
        var ids = about.Select(read => read.Id).ToArray();
        var tasks = about.Select(read => read.TaskId!.Value).ToArray();
        var users = about.Select(read => read.UserId!.Value).ToArray();
        var types = about.Select(read => read.Type).ToArray();
        var times = about.Select(read => read.Time.ToUniversalTime()).ToArray();
        var versions = facts.Select(fact => fact?.TaskData.Version).ToArray();
        var correlations = about.Select(read => read.CorrelationId).ToArray();
        var changes = facts.Select(fact => JsonSerializer.Serialize(fact?.Changes ?? [], TodoFlowJson.Wire.IReadOnlyListFieldChange)).ToArray();
        var conflicts = facts.Select(fact => fact?.Conflict is { } conflict ? JsonSerializer.Serialize(conflict, TodoFlowJson.Wire.TaskConflict) : null).ToArray();
        return db.Database.ExecuteSqlAsync(
            $"""
            insert into audit_entry (event_id, task_id, user_id, event_type, occurred_at, task_version, correlation_id, changes, conflict)
            select event_id, task_id, user_id, event_type, occurred_at, task_version, correlation_id, changes::jsonb, conflict::jsonb
            from unnest({ids}, {tasks}, {users}, {types}, {times}, {versions}, {correlations}, {changes}, {conflicts})
                as event (event_id, task_id, user_id, event_type, occurred_at, task_version, correlation_id, changes, conflict)
            where exists (select from app_user where id = event.user_id)
            on conflict do nothing
            """,
            ct);
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
                Changes = JsonSerializer.Deserialize(rows.GetString(4), TodoFlowJson.Wire.IReadOnlyListFieldChange)!,
                Conflict = rows.IsDBNull(5) ? null : JsonSerializer.Deserialize(rows.GetString(5), TodoFlowJson.Wire.TaskConflict),
            });
        }

        return entries;
    }
}
