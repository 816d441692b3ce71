using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Npgsql;
using TodoFlow.Messaging.DueWork;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Messaging.Kafka;

/// <summary>
/// Publishes the outbox to Kafka. One relay at a time works on a shard, under a lock of its transaction. An event is sent when the
/// one before it under the same topic and key is confirmed, and marked when it is confirmed itself: order holds over every error,
/// and what a crash leaves unmarked is sent again, which consumers know by its id. Other keys go on meanwhile, in batches.
/// </summary>
/// <remarks>
/// A relay that stops sends nothing more, waits up to five seconds for the confirmation of what it has sent, and marks what was
/// confirmed. Only what the brokers confirm later than that is sent again.
/// </remarks>
public sealed partial class KafkaRelay([Background] NpgsqlDataSource database, KafkaProducer producer, Topics topics, EventMetrics metrics, TimeProvider clock, ILogger<KafkaRelay> log)
    : OutboxRelay(clock, log)
{
    private const int Batch = 250;

    // Another process has the shard. What it does not see any more was committed while it finished: look again soon.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    // Less than the grace period of any host, and much more than brokers need.
    private static readonly TimeSpan LastConfirmations = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource confirmationsEnd = new();
    private int failures;

    private enum Outcome
    {
        Drained,
        Busy,
        Failed,
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(LastConfirmations, Clock);
        await using var afterAWhile = late.Token.Register(confirmationsEnd.Cancel);
        await using var graceIsOver = cancellationToken.Register(confirmationsEnd.Cancel);
        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        confirmationsEnd.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task<DateTimeOffset?> DoWhatIsDue(CancellationToken ct)
    {
        var outcomes = await Task.WhenAll((await WaitingShards(ct)).Select(shard => Drain(shard, ct)));
        if (!outcomes.Contains(Outcome.Failed))
        {
            failures = 0;
            return outcomes.Contains(Outcome.Busy) ? Clock.GetUtcNow() + LookAgain : null;
        }

        return Clock.GetUtcNow() + Backoff(failures++);
    }

    private async Task<Outcome> Drain(short shard, CancellationToken ct)
    {
        while (true)
        {
            await using var connection = await database.OpenConnectionAsync(ct);
            await using var transaction = await connection.BeginTransactionAsync(ct);
            if (await Claim(connection, shard, ct) is not { } rows)
            {
                return Outcome.Busy;
            }

            var published = await Publish(rows, ct);
            await Mark(connection, shard, published);
            await transaction.CommitAsync(CancellationToken.None);
            if (published.Count < rows.Count)
            {
                return Outcome.Failed;
            }

            if (rows.Count < Batch)
            {
                return Outcome.Drained;
            }
        }
    }

    private async Task<List<long>> Publish(List<Row> rows, CancellationToken stopping)
    {
        var publishing = rows.GroupBy(row => (row.Topic, row.Key)).Select(async sameKey =>
        {
            var done = new List<long>();
            foreach (var row in sameKey.TakeWhile(_ => !stopping.IsCancellationRequested))
            {
                using var send = EventTelemetry.StartSend("kafka", row.Topic, row.Payload, Clock.GetUtcNow());
                var sent = await producer.TryProduce(topics.ToBroker(row.Topic), row.ToMessage(), confirmationsEnd.Token);
                metrics.Sent(row.Topic, 1, sent);
                if (!sent)
                {
                    send?.SetStatus(ActivityStatusCode.Error, "unconfirmed");
                    break; // what follows it may not overtake it
                }

                done.Add(row.Position);
            }

            return done;
        });
        return [.. (await Task.WhenAll(publishing)).SelectMany(done => done)];
    }

    private async Task<List<short>> WaitingShards(CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            $"""
            select shard::smallint from generate_series(0, {Shards.Count - 1}) as shard
            where exists (select from {OutboxEvent.Table} as row where row.shard = shard.shard and published_at is null)
            """);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var shards = new List<short>();
        while (await rows.ReadAsync(ct))
        {
            shards.Add(rows.GetInt16(0));
        }

        return shards;
    }

    // The rows' snapshot is taken when the lock is held: what another relay marked before is not seen again. What a crash of the
    // server leaves unmarked is sent again anyway, so the commit waits for no disk.
    private static async Task<List<Row>?> Claim(NpgsqlConnection connection, short shard, CancellationToken ct)
    {
        await using var batch = connection.CreateBatch();
        var held = new NpgsqlBatchCommand($"select pg_try_advisory_xact_lock($1, $2), {AsynchronousCommit.Expression}");
        held.Parameters.Add(new NpgsqlParameter<int> { TypedValue = LockSpace });
        held.Parameters.Add(new NpgsqlParameter<int> { TypedValue = shard });
        batch.BatchCommands.Add(held);
        var waiting = new NpgsqlBatchCommand(
            $"""
            select position, topic, key, payload, headers from {OutboxEvent.Table}
            where shard = $1 and published_at is null order by position limit {Batch}
            """);
        waiting.Parameters.Add(new NpgsqlParameter<short> { TypedValue = shard });
        batch.BatchCommands.Add(waiting);

        await using var rows = await batch.ExecuteReaderAsync(ct);
        await rows.ReadAsync(ct);
        if (!rows.GetBoolean(0))
        {
            return null;
        }

        await rows.NextResultAsync(ct);
        var claimed = new List<Row>();
        while (await rows.ReadAsync(ct))
        {
            claimed.Add(new Row(
                rows.GetInt64(0), rows.GetString(1), rows.GetString(2), rows.GetFieldValue<byte[]>(3), rows.IsDBNull(4) ? null : rows.GetString(4)));
        }

        return claimed;
    }

    private async Task Mark(NpgsqlConnection connection, short shard, List<long> published)
    {
        if (published.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(
            $"update {OutboxEvent.Table} set published_at = $1 where shard = $2 and published_at is null and position = any($3)", connection);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = Clock.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = shard });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. published] });
        await command.ExecuteNonQueryAsync(CancellationToken.None); // also while the host stops
    }

    private sealed record Row(long Position, string Topic, string Key, byte[] Payload, string? Headers)
    {
        public Message<string, byte[]> ToMessage()
        {
            var headers = new Headers();
            foreach (var (name, value) in RecordHeaders.Of(Headers))
            {
                headers.Add(name, value);
            }

            return new Message<string, byte[]> { Key = Key, Value = Payload, Headers = headers };
        }
    }
}
