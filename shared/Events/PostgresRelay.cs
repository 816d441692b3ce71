using Microsoft.Extensions.Logging;
using Npgsql;

namespace TodoFlow.Events;

/// <summary>
/// Makes the outbox itself the log that consumers read, where no broker is used: each row gets the next number of one sequence.
/// The numbers are drawn under a lock that is held until they are committed, so whoever reads a lane in their order, from where it
/// stopped, skips nothing, however transactions overlapped when they announced; and no transaction that is left open, here or in
/// another database, holds the log up, as a horizon of transaction ids would. Kafka does the same when it appends to a partition.
/// </summary>
public sealed class PostgresRelay(NpgsqlDataSource database, TimeProvider clock, ILogger<PostgresRelay> log) : OutboxRelay(clock, log)
{
    /// <summary>Where readers listen. The payload lists what grew: <c>topic/lane</c>, separated by commas.</summary>
    public const string Channel = "todoflow_events";

    private const int Batch = 1000;

    /// <inheritdoc/>
    protected override async Task<DateTimeOffset?> DoWhatIsDue(CancellationToken ct)
    {
        while (await Append(ct) == Batch)
        {
        }

        return null;
    }

    // One round trip, and one transaction: the lock is released when its numbers can be seen. The second statement's snapshot is
    // taken when the lock is held, so it sees whatever was committed before.
    private async Task<long> Append(CancellationToken ct)
    {
        await using var batch = database.CreateBatch();
        var held = new NpgsqlBatchCommand("select pg_advisory_xact_lock($1, -1)");
        held.Parameters.Add(new NpgsqlParameter<int> { TypedValue = LockSpace });
        batch.BatchCommands.Add(held);

        var append = new NpgsqlBatchCommand(
            $"""
            with waiting as materialized (
                select event_id from {OutboxEventConfiguration.Table} where published_at is null order by lane, position limit {Batch}
            ), numbered as materialized (
                select event_id, nextval('event_log_sequence') as sequence from waiting
            ), appended as (
                update {OutboxEventConfiguration.Table} as row set sequence = numbered.sequence, published_at = $1
                from numbered where row.event_id = numbered.event_id
                returning topic || '/' || lane as place
            ), summary as (
                select count(*) as count, string_agg(distinct place, ',') as places from appended
            )
            select count, pg_notify('{Channel}', places) from summary where count > 0
            """);
        append.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = Clock.GetUtcNow() });
        batch.BatchCommands.Add(append);

        await using var rows = await batch.ExecuteReaderAsync(ct);
        await rows.NextResultAsync(ct);
        return await rows.ReadAsync(ct) ? rows.GetInt64(0) : 0;
    }
}
