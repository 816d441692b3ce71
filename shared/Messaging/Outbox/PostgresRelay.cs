using Microsoft.Extensions.Logging;
using Npgsql;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Messaging.DueWork;
using TodoFlow.Messaging.Events;

namespace TodoFlow.Messaging.Outbox;

/// <summary>
/// Makes the outbox itself the log that consumers read, where no broker is used: each row gets the next number of one sequence.
/// The numbers are drawn under a lock that is held until they are committed, so whoever reads a shard in their order, from where it
/// stopped, skips nothing, however transactions overlapped when they wrote; and no transaction that is left open, here or in
/// another database, holds the log up, as a horizon of transaction ids would. Kafka does the same when it appends to a partition.
/// </summary>
public sealed class PostgresRelay([Background] NpgsqlDataSource database, EventMetrics metrics, TimeProvider clock, ILogger<PostgresRelay> log) : OutboxRelay(clock, log)
{
    /// <summary>Where readers listen. The payload lists what grew: <c>topic/shard</c>, separated by commas.</summary>
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

    // What waits is few among many published, which a plan that was made while the table was small does not know: it read them all. And
    // only a plain scan of the index marks the entries of what is published, so that the next one passes over them.
    // One round trip, and one transaction, whose commit waits for no disk (AsynchronousCommit). The lock is released when its numbers can
    // be seen. The second statement's snapshot is taken when the lock is held, so it sees whatever was committed before.
    private async Task<long> Append(CancellationToken ct)
    {
        await using var batch = database.CreateBatch();
        var held = new NpgsqlBatchCommand(
            $"""
            select pg_advisory_xact_lock($1, -1), {AsynchronousCommit.Expression},
                set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)
            """);
        held.Parameters.Add(new NpgsqlParameter<int> { TypedValue = LockSpace });
        batch.BatchCommands.Add(held);

        // Not before it was written: what is committed while this waits for the lock is published, too.
        var append = new NpgsqlBatchCommand(
            $"""
            with waiting as materialized (
                select event_id from {OutboxEvent.Table} where published_at is null order by shard, position limit {Batch}
            ), numbered as materialized (
                select event_id, nextval('event_log_sequence') as sequence from waiting
            ), appended as (
                update {OutboxEvent.Table} as row set sequence = numbered.sequence, published_at = greatest($1, created_at)
                from numbered where row.event_id = numbered.event_id
                returning topic, topic || '/' || shard as place, case when $2 then payload end as payload
            ), summary as (
                select topic, count(*) as count, array_agg(payload) filter (where payload is not null) as traced from appended group by topic
            )
            select topic, count, traced,
                case when row_number() over () = 1 then pg_notify('{Channel}', (select string_agg(distinct place, ',') from appended)) end
            from summary
            """);
        var began = Clock.GetUtcNow();
        append.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = began });
        append.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = Telemetry.Source.HasListeners() });
        batch.BatchCommands.Add(append);

        await using var rows = await batch.ExecuteReaderAsync(ct);
        await rows.NextResultAsync(ct);
        var all = 0L;
        while (await rows.ReadAsync(ct))
        {
            var (topic, count) = (rows.GetString(0), rows.GetInt64(1));
            all += count;
            metrics.Sent(topic, count);
            foreach (var payload in rows.IsDBNull(2) ? [] : rows.GetFieldValue<byte[][]>(2))
            {
                EventTelemetry.StartSend("postgresql", topic, payload, began)?.Dispose();
            }
        }

        return all;
    }
}
