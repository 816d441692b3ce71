using Microsoft.Extensions.Logging;
using Npgsql;
using TodoFlow.Messaging.DueWork;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Messaging.Kafka;

/// <summary>
/// Publishes the outbox to Kafka: it finds the shards in which events wait, and each shard is worked off by a <see cref="ShardRelay"/> of its
/// own, which waits for no other.
/// </summary>
/// <remarks>
/// A relay that stops sends nothing more, waits up to five seconds for the confirmation of what it has sent, and marks what was
/// confirmed. Only what the brokers confirm later than that is sent again.
/// </remarks>
public sealed class KafkaRelay : OutboxRelay
{
    // Less than the grace period of any host, and much more than brokers need.
    private static readonly TimeSpan LastConfirmations = TimeSpan.FromSeconds(5);

    private readonly NpgsqlDataSource _database;
    private readonly SemaphoreSlim _locks;
    private readonly ShardRelay[] _shards;
    private readonly CancellationTokenSource _confirmationsEnd = new();

    /// <summary>Makes the relay; nothing runs yet.</summary>
    public KafkaRelay([Background] NpgsqlDataSource database, KafkaProducer producer, Topics topics, EventMetrics metrics, TimeProvider clock, ILogger<KafkaRelay> log)
        : base(clock, log)
    {
        _database = database;
        // A shard holds a connection for its lock, and marks over another one: with more than half of them held, all could wait for each other.
        _locks = new(new NpgsqlConnectionStringBuilder(database.ConnectionString).MaxPoolSize / 2);
        _shards =
        [
            .. Enumerable.Range(0, Shards.Count).Select(shard => new ShardRelay((short)shard, database, _locks, producer, topics, metrics, clock, log, _confirmationsEnd.Token)),
        ];
    }

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_shards.Select(shard => shard.StartAsync(cancellationToken)));
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(LastConfirmations, Clock);
        await using var afterAWhile = late.Token.Register(_confirmationsEnd.Cancel);
        await using var graceIsOver = cancellationToken.Register(_confirmationsEnd.Cancel);
        await Task.WhenAll([base.StopAsync(cancellationToken), .. _shards.Select(shard => shard.StopAsync(cancellationToken))]);
    }

    /// <inheritdoc/>
    protected override void Move(IReadOnlySet<short> shards)
    {
        foreach (var shard in shards) // known already: nothing has to be looked for
        {
            _shards[shard].Kick();
        }
    }

    /// <inheritdoc/>
    /// <remarks>A shard that still waits for its brokers when the next sweep is due goes on by itself: the other shards are swept again.</remarks>
    public override async Task Sweep(TimeSpan untilNext, CancellationToken ct)
    {
        var sweeps = Task.WhenAll((await WaitingShards(ct)).Select(shard => _shards[shard].Sweep(untilNext, ct)));
        try
        {
            await sweeps.WaitAsync(untilNext, Clock, ct);
        }
        catch (TimeoutException) when (!sweeps.IsCompleted)
        {
            _ = sweeps.ContinueWith(task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        Array.ForEach(_shards, shard => shard.Dispose());
        _locks.Dispose();
        _confirmationsEnd.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task<DateTimeOffset?> DoWhatIsDue(CancellationToken ct)
    {
        (await WaitingShards(ct)).ForEach(shard => _shards[shard].Kick());
        return null;
    }

    private async Task<List<short>> WaitingShards(CancellationToken ct)
    {
        await using var command = _database.CreateCommand(
            $"""
            select shard::smallint from generate_series(0, {Shards.Count - 1}) as shard
            where exists (select from {OutboxEvent.Table} as row where row.shard = shard.shard and published_at is null)
            """);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var waiting = new List<short>();
        while (await rows.ReadAsync(ct))
        {
            waiting.Add(rows.GetInt16(0));
        }

        return waiting;
    }
}
