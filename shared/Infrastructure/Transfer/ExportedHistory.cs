using System.Text.Json;
using Npgsql;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Memory;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>One thing that happened to a task, in an exported file.</summary>
/// <param name="TaskId">The task, which may be gone.</param>
/// <param name="EventId">The event.</param>
/// <param name="EventType">What happened, such as <c>task.completed.v1</c>.</param>
/// <param name="Time">When, UTC.</param>
/// <param name="Changes">The fields that changed, with their values before and after.</param>
public sealed record ExportedHistory(Guid TaskId, Guid EventId, string EventType, DateTimeOffset Time, IReadOnlyList<FieldChange> Changes);

/// <summary>Reads the history of all of a user's tasks for a file.</summary>
public sealed class ExportedHistories(NpgsqlDataSource database)
{
    private const int Limit = 1000;
    private const int Frame = 300;

    /// <summary>One page, task by task, oldest first, and whether there is more. It ends early where it would be too long.</summary>
    /// <param name="user">Whose tasks.</param>
    /// <param name="after">The last entry of the page before; null for the first page.</param>
    /// <param name="budget">How long the page may be.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<(List<ExportedHistory> Entries, bool More)> Page(Guid user, ExportedHistory? after, PageBudget budget, CancellationToken ct)
    {
        // In the order of the index; the id breaks ties.
        await using var command = database.CreateCommand(
            "select task_id, event_id, event_type, occurred_at, changes from audit_entry where user_id = $1"
            + (after is null ? "" : " and (task_id, occurred_at, event_id) > ($2, $3, $4)")
            + $" order by task_id, occurred_at, event_id limit {Limit + 1}");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        if (after is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after.TaskId });
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = after.Time });
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after.EventId });
        }

        await using var rows = await command.ExecuteReaderAsync(ct);
        var entries = new List<ExportedHistory>();
        while (await rows.ReadAsync(ct))
        {
            var changes = rows.GetString(4);
            if (entries.Count == Limit || !budget.Add(Frame + JsonSize.Of(changes)))
            {
                return (entries, true);
            }

            entries.Add(new(
                rows.GetGuid(0), rows.GetGuid(1), rows.GetString(2), rows.GetFieldValue<DateTimeOffset>(3),
                JsonSerializer.Deserialize(changes, TaskJson.Wire.IReadOnlyListFieldChange)!));
        }

        return (entries, false);
    }
}
