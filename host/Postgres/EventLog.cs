using System.Globalization;
using System.Text;
using Microsoft.Azure.Functions.Worker;
using Npgsql;
using NpgsqlTypes;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Host.Postgres;

/// <summary>
/// The log that the outbox is where PostgreSQL is the transport, as consumer groups read it: shard by shard, each from its cursor on.
/// What stands beyond a cursor was committed in the order of its sequence, so nothing is ever added before it.
/// </summary>
internal sealed class EventLog(NpgsqlDataSource database)
{
    private const int LongestLag = 10_000;

    // A setting of the transaction, by which its first statement tells the second.
    private const string HeldShards = "todoflow.held_shards";

    /// <summary>What a group reads.</summary>
    public readonly record struct Subscription(string Group, string Topic);

    /// <summary>How many records a group has left in a shard; 10,000 where there are more.</summary>
    public readonly record struct ShardLag(Subscription Subscription, short Shard, long Records);

    /// <summary>Makes the cursors that are missing, at the beginning: what a group has yet to read is not pruned.</summary>
    public async Task Subscribe(IReadOnlyCollection<Subscription> subscriptions, CancellationToken ct)
    {
        await using var command = Command(
            $"""
            insert into consumer_cursor (group_name, topic, shard, sequence)
            select group_name, topic, shard, 0
            from unnest($1, $2) as subscription (group_name, topic), generate_series(0, {Shards.Count - 1}) as shard
            order by group_name, topic, shard
            on conflict do nothing
            """,
            subscriptions);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>How much every group has left, shard by shard.</summary>
    public async Task<List<ShardLag>> Measure(IReadOnlyCollection<Subscription> subscriptions, CancellationToken ct)
    {
        await using var command = Command(
            $"""
            select subscription.group_name, subscription.topic, shard.shard::smallint, (
                select count(*) from (
                    select from {OutboxEvent.Table} as row
                    where row.topic = subscription.topic and row.shard = shard.shard and row.sequence > coalesce(cursor.sequence, 0)
                    limit {LongestLag}) as ahead)
            from unnest($1, $2) as subscription (group_name, topic)
            cross join generate_series(0, {Shards.Count - 1}) as shard
            left join consumer_cursor as cursor
                on cursor.group_name = subscription.group_name and cursor.topic = subscription.topic and cursor.shard = shard.shard
            """,
            subscriptions);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var lags = new List<ShardLag>();
        while (await rows.ReadAsync(ct))
        {
            lags.Add(new(new(rows.GetString(0), rows.GetString(1)), rows.GetInt16(2), rows.GetInt64(3)));
        }

        return lags;
    }

    /// <summary>Claims shards for a group, those of them that are free, and reads on from their cursors.</summary>
    /// <param name="subscription">What is read.</param>
    /// <param name="shards">The shards.</param>
    /// <param name="topicName">The topic's name in the records: the one that the trigger has.</param>
    /// <param name="limit">How many records at most, of all shards.</param>
    /// <param name="ct">Ends the wait for the database.</param>
    /// <returns>A claim without those shards that another host has, or this one in another function.</returns>
    public async Task<ShardClaim> Claim(Subscription subscription, IReadOnlyCollection<short> shards, string topicName, int limit, CancellationToken ct)
    {
        var connection = await database.OpenConnectionAsync(ct);
        try
        {
            await connection.BeginTransactionAsync(ct);
            var (held, records) = await Read(connection, subscription, shards, topicName, limit, ct);
            return new ShardClaim(connection, subscription, held, records);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where a topic ends now: whatever is appended later has a higher number.</summary>
    public async Task<long> End(string topic, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            $"""
            select coalesce(max(sequence), 0) from generate_series(0, {Shards.Count - 1}) as shard
            cross join lateral (
                select sequence from {OutboxEvent.Table} as row
                where row.topic = $1 and row.shard = shard.shard and sequence is not null order by sequence desc limit 1) as last
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic });
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>Reads all shards of a topic on from a place, for whoever shares them with nobody and keeps its place itself.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="topicName">The topic's name in the records.</param>
    /// <param name="after">The number of the last record that was read.</param>
    /// <param name="limit">How many records at most.</param>
    /// <param name="ct">Ends the wait for the database.</param>
    public async Task<IReadOnlyList<KafkaRecord>> ReadAfter(string topic, string topicName, long after, int limit, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            $"""
            select next.* from generate_series(0, {Shards.Count - 1}) as shard
            cross join lateral (
                select sequence, key, payload, headers, created_at, row.shard from {OutboxEvent.Table} as row
                where row.topic = $1 and row.shard = shard.shard and sequence > $2 order by sequence limit $3) as next
            order by sequence limit $3
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var rows = await command.ExecuteReaderAsync(ct);
        return await ReadRecords(rows, topicName, ct);
    }

    /// <summary>
    /// One round trip. The locks belong to the transaction: they go with the connection, so a host that dies gives its shards up at
    /// once. The transaction has neither an
    /// id nor a snapshot while a function runs, so it keeps nothing from being vacuumed.
    /// </summary>
    private static async Task<(short[] Held, List<KafkaRecord> Records)> Read(
        NpgsqlConnection connection, Subscription subscription, IReadOnlyCollection<short> shards, string topicName, int limit, CancellationToken ct)
    {
        await using var batch = connection.CreateBatch();
        var hold = new NpgsqlBatchCommand(
            $"""
            select set_config('{HeldShards}', coalesce(string_agg(shard::text, ','), ''), true), {AsynchronousCommit.Expression}, {HeldLock.Settings}
            from unnest($2) as shard where pg_try_advisory_xact_lock(hashtextextended($1 || shard, 0))
            """);
        hold.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"todoflow consumer {subscription.Group}/{subscription.Topic}/" });
        hold.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = [.. shards] });
        batch.BatchCommands.Add(hold);

        // Its snapshot is taken when the locks are held: the cursors are where the hosts before left them.
        var read = new NpgsqlBatchCommand(
            $"""
            select next.* from unnest(string_to_array(current_setting('{HeldShards}'), ',')::smallint[]) as held (shard)
            cross join lateral (
                select sequence, key, payload, headers, created_at, row.shard from {OutboxEvent.Table} as row
                where row.topic = $1 and row.shard = held.shard and sequence > coalesce(
                    (select sequence from consumer_cursor as cursor where group_name = $2 and cursor.topic = $1 and cursor.shard = held.shard), 0)
                order by sequence limit $3) as next
            order by sequence limit $3
            """);
        read.Parameters.Add(new NpgsqlParameter<string> { TypedValue = subscription.Topic });
        read.Parameters.Add(new NpgsqlParameter<string> { TypedValue = subscription.Group });
        read.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        batch.BatchCommands.Add(read);

        await using var rows = await batch.ExecuteReaderAsync(ct);
        await rows.ReadAsync(ct);
        var held = rows.GetString(0).Split(',', StringSplitOptions.RemoveEmptyEntries).Select(shard => short.Parse(shard, CultureInfo.InvariantCulture)).ToArray();
        await rows.NextResultAsync(ct);
        return (held, await ReadRecords(rows, topicName, ct));
    }

    private static async Task<List<KafkaRecord>> ReadRecords(NpgsqlDataReader rows, string topicName, CancellationToken ct)
    {
        var records = new List<KafkaRecord>();
        while (await rows.ReadAsync(ct))
        {
            records.Add(new KafkaRecord
            {
                Topic = topicName,
                Partition = rows.GetInt16(5),
                Offset = rows.GetInt64(0),
                Key = Encoding.UTF8.GetBytes(rows.GetString(1)),
                Value = rows.GetFieldValue<byte[]>(2),
                Headers = [.. RecordHeaders.Of(rows.IsDBNull(3) ? null : rows.GetString(3)).Select(header => new KafkaHeader { Key = header.Key, Value = header.Value })],
                Timestamp = new KafkaTimestamp
                {
                    UnixTimestampMs = rows.GetFieldValue<DateTimeOffset>(4).ToUnixTimeMilliseconds(),
                    Type = KafkaTimestampType.CreateTime,
                },
            });
        }

        return records;
    }

    private NpgsqlCommand Command(string sql, IReadOnlyCollection<Subscription> subscriptions)
    {
        var command = database.CreateCommand(sql);
        foreach (var values in new[] { subscriptions.Select(subscription => subscription.Group), subscriptions.Select(subscription => subscription.Topic) })
        {
            command.Parameters.Add(new NpgsqlParameter { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        }

        return command;
    }
}
