using Microsoft.Azure.Functions.Worker;
using Npgsql;
using static TodoFlow.Host.Postgres.EventLog;

namespace TodoFlow.Host.Postgres;

/// <summary>A shard that this host alone reads for a group until it is disposed, and the records that come next in it.</summary>
internal sealed class ShardClaim(NpgsqlConnection connection, Subscription subscription, short shard, IReadOnlyList<KafkaRecord> records)
    : IAsyncDisposable
{
    /// <summary>What comes next, in order; none where the group has read everything.</summary>
    public IReadOnlyList<KafkaRecord> Records { get; } = records;

    /// <summary>
    /// Moves the cursor past the first records, and commits: it happens in the claim's own transaction, so a host that lost the shard
    /// cannot move it. Without it the next claim reads the same records.
    /// </summary>
    /// <param name="done">How many of the records are dealt with, at least one.</param>
    public async Task Advance(int done)
    {
        // Not to be cancelled: what is done would be done again.
        await using var batch = connection.CreateBatch();
        var move = new NpgsqlBatchCommand(
            "insert into consumer_cursor (group_name, topic, shard, sequence) values ($1, $2, $3, $4) on conflict (group_name, topic, shard) do update set sequence = $4");
        move.Parameters.Add(new NpgsqlParameter<string> { TypedValue = subscription.Group });
        move.Parameters.Add(new NpgsqlParameter<string> { TypedValue = subscription.Topic });
        move.Parameters.Add(new NpgsqlParameter<short> { TypedValue = shard });
        move.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Records[done - 1].Offset });
        batch.BatchCommands.Add(move);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>Gives the shard up.</summary>
    public ValueTask DisposeAsync() => connection.DisposeAsync(); // what was not committed is rolled back
}
