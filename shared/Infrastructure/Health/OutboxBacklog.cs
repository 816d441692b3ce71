using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Infrastructure.Observability;
using TodoFlow.Messaging.DueWork;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Infrastructure.Health;

/// <summary>
/// How many events wait in the outbox, for how long the oldest has, and how many dead letters wait for somebody: of the whole
/// database, whichever process asks. It is asked for at most every five seconds; where metrics are read, every fifteen.
/// </summary>
public sealed partial class OutboxBacklog : BackgroundService, IHealthCheck
{
    private const int Most = 100_000;

    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TooOld = TimeSpan.FromMinutes(1);

    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _clock;
    private readonly ILogger<OutboxBacklog> _log;
    private readonly SharedResult<Backlog?> _answer;
    private volatile Backlog? _latest;

    /// <summary>Makes the gauges.</summary>
    public OutboxBacklog([Background] NpgsqlDataSource database, IMeterFactory meters, TimeProvider clock, ILogger<OutboxBacklog> log)
    {
        _database = database;
        _clock = clock;
        _log = log;
        _answer = new SharedResult<Backlog?>(Ask, GoodFor, clock);
        var meter = meters.Create(Telemetry.Name);
        meter.CreateObservableGauge(
            "todoflow.outbox.backlog", () => Observe(backlog => backlog.Events), "{event}", $"Events that wait to be published, up to {Most}; of the whole database.");
        meter.CreateObservableGauge(
            "todoflow.outbox.age", () => Observe(backlog => backlog.Age(_clock.GetUtcNow()).TotalSeconds), "s", "How long the oldest event has waited to be published.");
        meter.CreateObservableGauge(
            "todoflow.dead_letters", () => Observe(backlog => backlog.DeadLetters), "{record}", "Dead letters that have not been replayed; of the whole database.");
    }

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var backlog = await _answer.Get(cancellationToken).ContinueWith(static answer => answer.IsCompletedSuccessfully ? answer.Result : null, TaskScheduler.Default);
        if (backlog is null)
        {
            return HealthCheckResult.Degraded("It cannot be measured.");
        }

        var age = backlog.Age(_clock.GetUtcNow());
        return age > TooOld
            ? HealthCheckResult.Degraded($"The oldest of {backlog.Events} events has waited for {(long)age.TotalSeconds} s to be published.")
            : HealthCheckResult.Healthy();
    }

    /// <summary>Keeps what the gauges say fresh: they are read synchronously, and cannot ask themselves.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(PollEvery, _clock);
        try
        {
            do
            {
                await _answer.Get(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private IEnumerable<Measurement<double>> Observe(Func<Backlog, double> value) =>
        _latest is { } latest && _clock.GetUtcNow() - latest.MeasuredAt < Forgotten ? [new(value(latest))] : [];

    private async Task<Backlog?> Ask()
    {
        try
        {
            await using var command = _database.CreateCommand(
                $"""
                select
                    (select count(*) from (select from {OutboxEvent.Table} where published_at is null limit {Most}) as waiting),
                    (select min(first.created_at) from generate_series(0, {Shards.Count - 1}) as shard cross join lateral (
                        select created_at from {OutboxEvent.Table} as row
                        where row.shard = shard.shard and published_at is null order by position limit 1) as first),
                    (select count(*) from dead_letter where replayed_at is null)
                """);
            command.CommandTimeout = 2;
            await using var rows = await command.ExecuteReaderAsync();
            await rows.ReadAsync();
            return _latest = new Backlog(
                rows.GetInt64(0), rows.IsDBNull(1) ? null : rows.GetFieldValue<DateTimeOffset>(1), rows.GetInt64(2), _clock.GetUtcNow());
        }
        catch (NpgsqlException error) // it is down, or not migrated yet: the database's own health says so
        {
            LogFailed(error);
            return null;
        }
    }

    private sealed record Backlog(long Events, DateTimeOffset? Oldest, long DeadLetters, DateTimeOffset MeasuredAt)
    {
        public TimeSpan Age(DateTimeOffset now) => Oldest is { } oldest && now > oldest ? now - oldest : TimeSpan.Zero;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The backlog of the outbox could not be measured")]
    private partial void LogFailed(Exception error);
}
