using System.Data;
using Npgsql;
using TodoFlow.Host.Consumers;
using TodoFlow.Host.Discovery;
using TodoFlow.Host.Invocation;
using TodoFlow.Host.Lifetime;
using TodoFlow.Host.Realtime;
using TodoFlow.Messaging.DueWork;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Host.Postgres;

/// <summary>
/// Feeds the functions with a <c>[KafkaTrigger]</c> from the log in PostgreSQL. One connection listens for what the relays append; a
/// sweep every few seconds finds what no notification told, and measures how far the groups are behind.
/// </summary>
internal sealed partial class PostgresListener : BackgroundService
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BeforeReconnect = TimeSpan.FromSeconds(1);

    // A connection that was cut without a word is noticed when it is asked for something.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

    private readonly NpgsqlDataSource _background;
    private readonly EventLog _log;
    private readonly ConsumerMetrics _metrics;
    private readonly Drain _drain;
    private readonly TimeProvider _clock;
    private readonly ILogger<PostgresListener> _logger;
    private readonly List<FunctionReader> _readers;
    private readonly List<BroadcastReader> _broadcasts;
    private readonly List<EventLog.Subscription> _subscriptions;
    private bool _failing;

    public PostgresListener(
        FunctionCatalog catalog, Topics topics, [Background] NpgsqlDataSource background, NpgsqlDataSource database, ConsumerSettings settings, RecordInvoker invoker, ConsumerMetrics metrics,
        Drain drain, TimeProvider clock, ILogger<PostgresListener> logger, HubGate? gate = null)
    {
        _background = background;
        _log = new EventLog(database);
        _metrics = metrics;
        _drain = drain;
        _clock = clock;
        _logger = logger;
        _readers =
        [
            .. from function in catalog.Functions
               where function.Trigger is KafkaTrigger { IsBroadcast: false }
               let topic = topics.FromBroker(((KafkaTrigger)function.Trigger).Topic)
               select new FunctionReader(function, topic, _log, settings.MaxBatchSize, invoker, metrics, clock, logger),
        ];
        _broadcasts =
        [
            .. from function in catalog.Functions
               where function.Trigger is KafkaTrigger { IsBroadcast: true }
               let topic = topics.FromBroker(((KafkaTrigger)function.Trigger).Topic)
               select new BroadcastReader(function, topic, _log, settings.MaxBatchSize, invoker, gate!, clock, logger),
        ];
        _subscriptions = [.. _readers.Select(reader => reader.Subscription).Distinct()];
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Others take the shards over while requests are still served here; devices are told to the end.
        using var draining = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, _drain.Begun);
        await Task.WhenAll([
            .. _readers.Select(reader => reader.Run(draining.Token)), .. _broadcasts.Select(reader => reader.Run(stoppingToken)),
            Listen(stoppingToken), Sweep(stoppingToken),
        ]);
    }

    private async Task Listen(CancellationToken stopping)
    {
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await ListenOnce(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                await Failed(error, stopping);
            }
        }
    }

    private async Task ListenOnce(CancellationToken stopping)
    {
        await _log.Subscribe(_subscriptions, stopping);
        foreach (var reader in _broadcasts)
        {
            await reader.Begin(stopping);
        }

        await using var connection = await _background.OpenConnectionAsync(stopping);
        connection.Notification += (_, notification) => Wake(notification.Payload);
        await using var listen = new NpgsqlCommand($"listen {PostgresRelay.Channel}", connection);
        await listen.ExecuteNonQueryAsync(stopping);
        try
        {
            await Measure(stopping); // what came while nobody listened
            Recovered();
            await using var ask = new NpgsqlCommand("select 1", connection);
            while (true)
            {
                if (!await connection.WaitAsync(LongestSilence, stopping))
                {
                    await ask.ExecuteNonQueryAsync(stopping);
                }
            }
        }
        finally
        {
            await StopListening(connection);
        }
    }

    // The pool takes connections back as they are, and one that listens without being read would hold the server's queue up.
    private static async Task StopListening(NpgsqlConnection connection)
    {
        if (connection.State != ConnectionState.Open)
        {
            return;
        }

        await using var unlisten = new NpgsqlCommand("unlisten *", connection) { CommandTimeout = 5 };
        try
        {
            await unlisten.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            NpgsqlConnection.ClearPool(connection); // whatever it is in, it is not used again
        }
    }

    private async Task Sweep(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(SweepEvery, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                try
                {
                    await Measure(stopping);
                }
                catch (Exception error) when (error is not OperationCanceledException || !stopping.IsCancellationRequested)
                {
                    LogSweepFailed(error);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task Measure(CancellationToken stopping)
    {
        var lags = await _log.Measure(_subscriptions, stopping);
        foreach (var reader in _readers)
        {
            var own = lags.Where(lag => lag.Subscription == reader.Subscription).ToList();
            foreach (var lag in own)
            {
                _metrics.SetLag(reader.Trigger, lag.Shard, lag.Records);
            }

            reader.Wake(own.Where(lag => lag.Records > 0).Select(lag => lag.Shard));
        }

        foreach (var reader in _broadcasts)
        {
            reader.Wake();
        }
    }

    // topic/shard,topic/shard
    private void Wake(string payload)
    {
        var grown = (
            from place in payload.Split(',')
            let slash = place.LastIndexOf('/')
            where slash >= 0 // else it is not from a relay of this version; the sweep finds what it means
            let shard = short.TryParse(place.AsSpan(slash + 1), out var number) ? number : -1
            where shard is >= 0 and < Shards.Count
            select (Topic: place[..slash], Shard: (short)shard)).ToLookup(place => place.Topic, place => place.Shard);
        foreach (var reader in _readers.Where(reader => grown.Contains(reader.Subscription.Topic)))
        {
            reader.Wake(grown[reader.Subscription.Topic]);
        }

        foreach (var reader in _broadcasts.Where(reader => grown.Contains(reader.Topic)))
        {
            reader.Wake();
        }
    }

    private async Task Failed(Exception error, CancellationToken stopping)
    {
        if (!_failing)
        {
            LogFailed(error);
        }

        _failing = true;
        try
        {
            await Task.Delay(BeforeReconnect, _clock, stopping);
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private void Recovered()
    {
        if (_failing)
        {
            LogRecovered();
        }

        _failing = false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events cannot be listened for in PostgreSQL; it tries again")]
    private partial void LogFailed(Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Events are listened for again")]
    private partial void LogRecovered();

    [LoggerMessage(Level = LogLevel.Debug, Message = "The sweep for events failed; another follows")]
    private partial void LogSweepFailed(Exception error);
}
