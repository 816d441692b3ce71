using Microsoft.Azure.Functions.Worker;
using Npgsql;
using static TodoFlow.Host.Postgres.EventLog;

namespace TodoFlow.Host.Postgres;

/// <summary>Shards that this host alone reads for a group until it is disposed, and the records that come next in them.</summary>
internal sealed class ShardClaim(NpgsqlConnection connection, Subscription subscription, IReadOnlyCollection<short> shards, IReadOnlyList<KafkaRecord> records)
    : IAsyncDisposable
{
    /// <summary>The shards; none where other hosts have all that were asked for.</summary>
    public IReadOnlyCollection<short> Shards { get; } = shards;

    /// <summary>What comes next, each shard's in its order; none where the group has read everything.</summary>
    public IReadOnlyList<KafkaRecord> Records { get; } = records;

    /// <summary>
    /// Moves the cursors past the first records, and commits: it happens in the claim's own transaction, so a host that lost the shards
    /// cannot move them. Without it the next claim reads the same records.
    /// </summary>
    /// <param name="done">How many of the records are dealt with, at least one.</param>
    public async Task Advance(int done)
    {
        var last = Records.Take(done).GroupBy(record => (short)record.Partition).Select(shard => (Shard: shard.Key, Sequence: shard.Max(record => record.Offset))).ToList();

        // Not to be cancelled: what is done would be done again.
        await using var batch = connection.CreateBatch();
        var move = new NpgsqlBatchCommand(
            """
            insert into consumer_cursor (group_name, topic, shard, sequence) select $1, $2, shard, sequence from unnest($3, $4) as last (shard, sequence)
            on conflict (group_name, topic, shard) do update set sequence = excluded.sequence
            """);
        move.Parameters.Add(new NpgsqlParameter<string> { TypedValue = subscription.Group });
        move.Parameters.Add(new NpgsqlParameter<string> { TypedValue = subscription.Topic });
        move.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = [.. last.Select(shard => shard.Shard)] });
        move.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. last.Select(shard => shard.Sequence)] });
        batch.BatchCommands.Add(move);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>Gives the shards up.</summary>
    public ValueTask DisposeAsync() => connection.DisposeAsync(); // what was not committed is rolled back
}
