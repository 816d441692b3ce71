using Confluent.Kafka;
using Npgsql;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Messaging.Kafka;

/// <summary>An event of the outbox that waits to be sent to Kafka, and the statements by which a relay gets at it.</summary>
/// <param name="Position">Its place in the outbox.</param>
/// <param name="Topic">Its topic, before any renaming by settings.</param>
/// <param name="Key">What order is kept by.</param>
/// <param name="Payload">The record's value.</param>
/// <param name="Headers">The record's headers as JSON; null where it is a CloudEvent.</param>
internal sealed record OutboxRow(long Position, string Topic, string Key, byte[] Payload, string? Headers)
{
    // What waits is few among many published, which a plan that was made while the table was small does not know (see PostgresRelay).
    private const string ByIndex = "set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)";

    /// <summary>Within what it keeps its place.</summary>
    public string TopicAndKey => $"{Topic}/{Key}";

    /// <summary>
    /// Waits for a shard's lock, which is held until the transaction ends, and reads what waits. Its snapshot is taken when the lock is held:
    /// what another relay marked before is not seen again.
    /// </summary>
    /// <param name="connection">A connection whose transaction has begun. It has no snapshot meanwhile, so it keeps nothing from being vacuumed.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="except">Topics and keys that are passed over.</param>
    /// <param name="limit">How many events at most, in the order of their positions.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="PostgresException">55P03: another process has had the lock for twenty seconds.</exception>
    public static async Task<List<OutboxRow>> LockAndRead(NpgsqlConnection connection, short shard, IEnumerable<string> except, int limit, CancellationToken ct)
    {
        await using var batch = connection.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"select set_config('lock_timeout', '20s', true), {HeldLock.Settings}, {ByIndex}"));
        var locked = new NpgsqlBatchCommand("select pg_advisory_xact_lock($1, $2)");
        locked.Parameters.Add(new NpgsqlParameter<int> { TypedValue = OutboxRelay.LockSpace });
        locked.Parameters.Add(new NpgsqlParameter<int> { TypedValue = shard });
        batch.BatchCommands.Add(locked);
        return await Read(batch, 2, shard, except, limit, ct);
    }

    /// <summary>Marks events that were confirmed, and reads what waits: one transaction, whose commit waits for no disk, since what a crash leaves unmarked is sent again.</summary>
    /// <param name="database">The database.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="confirmed">The positions of what was confirmed.</param>
    /// <param name="except">Topics and keys that are passed over.</param>
    /// <param name="limit">How many events at most, in the order of their positions.</param>
    /// <param name="now">When they were confirmed, UTC.</param>
    public static async Task<List<OutboxRow>> MarkAndRead(
        NpgsqlDataSource database, short shard, IEnumerable<long> confirmed, IEnumerable<string> except, int limit, DateTimeOffset now)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"select {AsynchronousCommit.Expression}, {ByIndex}"));
        var mark = new NpgsqlBatchCommand($"update {OutboxEvent.Table} set published_at = $1 where shard = $2 and published_at is null and position = any($3)");
        mark.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        mark.Parameters.Add(new NpgsqlParameter<short> { TypedValue = shard });
        mark.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. confirmed] });
        batch.BatchCommands.Add(mark);
        return await Read(batch, 1, shard, except, limit, CancellationToken.None); // also while the host stops
    }

    /// <summary>The record.</summary>
    public Message<string, byte[]> ToMessage()
    {
        var headers = new Headers();
        foreach (var (name, value) in RecordHeaders.Of(Headers))
        {
            headers.Add(name, value);
        }

        return new Message<string, byte[]> { Key = Key, Value = Payload, Headers = headers };
    }

    // So many results before; an update has none.
    private static async Task<List<OutboxRow>> Read(NpgsqlBatch batch, int before, short shard, IEnumerable<string> except, int limit, CancellationToken ct)
    {
        var read = new NpgsqlBatchCommand(
            $"""
            select position, topic, key, payload, headers from {OutboxEvent.Table}
            where shard = $1 and published_at is null and topic || '/' || key not in (select unnest($2)) order by position limit $3
            """);
        read.Parameters.Add(new NpgsqlParameter<short> { TypedValue = shard });
        read.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. except] });
        read.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        batch.BatchCommands.Add(read);

        await using var results = await batch.ExecuteReaderAsync(ct);
        for (var i = 0; i < before; i++)
        {
            await results.NextResultAsync(ct);
        }

        var rows = new List<OutboxRow>();
        while (await results.ReadAsync(ct))
        {
            rows.Add(new OutboxRow(
                results.GetInt64(0), results.GetString(1), results.GetString(2), results.GetFieldValue<byte[]>(3), results.IsDBNull(4) ? null : results.GetString(4)));
        }

        return rows;
    }
}
