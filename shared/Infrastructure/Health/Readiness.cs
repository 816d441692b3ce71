using System.Text.Json.Serialization;
using Npgsql;
using TodoFlow.Infrastructure.Observability;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Health;

/// <summary>How the service and its parts are. Reasons name no secret and no host.</summary>
/// <param name="Status">
/// <c>healthy</c>; <c>degraded</c> where a part is missed, though requests are served; or <c>unhealthy</c>, where they cannot be.
/// </param>
/// <param name="Parts">Each part that was asked.</param>
public sealed record HealthResponse(string Status, IReadOnlyDictionary<string, PartHealth> Parts)
{
    private static readonly string[] WorstFirst = ["unhealthy", "degraded"];

    /// <summary>A process that answers.</summary>
    public static HealthResponse Live { get; } = new("healthy", new Dictionary<string, PartHealth>());

    /// <summary>Whether no part keeps the service from serving.</summary>
    [JsonIgnore]
    public bool CanServe => Status != "unhealthy";

    /// <summary>Sums parts up.</summary>
    public static HealthResponse Of(IReadOnlyDictionary<string, PartHealth> parts) =>
        new(WorstFirst.FirstOrDefault(status => parts.Values.Any(part => part.Status == status)) ?? "healthy", parts);
}

/// <summary>How one part is.</summary>
/// <param name="Status"><c>healthy</c>, <c>degraded</c> where the service goes on without it, or <c>unhealthy</c>.</param>
/// <param name="Reason">What is wrong with it; null where nothing is.</param>
public sealed record PartHealth(string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null)
{
    /// <summary>A part that is well.</summary>
    public static PartHealth Healthy { get; } = new("healthy");

    /// <summary>A part that is missed, though requests are served without it.</summary>
    public static PartHealth Degraded(string reason) => new("degraded", reason);

    /// <summary>A part without which nothing can be served.</summary>
    public static PartHealth Unhealthy(string reason) => new("unhealthy", reason);
}

/// <summary>A part besides the database that readiness asks.</summary>
public interface IHealthPart
{
    /// <summary>What it is called in <see cref="HealthResponse.Parts"/>.</summary>
    string Name { get; }

    /// <summary>Asks it, for at most a few seconds.</summary>
    Task<PartHealth> Check(CancellationToken ct);
}

/// <summary>
/// Whether this instance can serve: PostgreSQL answers, its schema is current, and no other part keeps it from serving. However many
/// ask, the parts are asked once a second.
/// </summary>
public sealed class Readiness
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource _database;
    private readonly SchemaState _schema;
    private readonly IEnumerable<IHealthPart> _others;
    private readonly TimeProvider _clock;
    private readonly SharedAnswer<HealthResponse> _answer;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _migrated;

    /// <summary>Prepares to ask the database and the other parts.</summary>
    public Readiness(NpgsqlDataSource database, SchemaState schema, IEnumerable<IHealthPart> others, TimeProvider clock)
    {
        _database = database;
        _schema = schema;
        _others = others;
        _clock = clock;
        _answer = new SharedAnswer<HealthResponse>(Ask, GoodFor, clock);
    }

    /// <summary>Completes when this instance could serve for the first time, as whoever asked was told.</summary>
    public Task Started => _started.Task;

    /// <summary>How each part is. It waits at most three seconds.</summary>
    public Task<HealthResponse> Check(CancellationToken ct) => _answer.Get(ct);

    /// <summary>Whether this instance could serve once since it started; what happens to it later does not count.</summary>
    public async Task<HealthResponse> CheckStart(CancellationToken ct) => _started.Task.IsCompleted ? HealthResponse.Live : await Check(ct);

    private async Task<HealthResponse> Ask()
    {
        using var deadline = new CancellationTokenSource(Patience, _clock);
        var asked = _others.Select(part => (part.Name, Health: part.Check(deadline.Token))).ToList();
        var parts = await CheckDatabase(deadline.Token);
        foreach (var (name, health) in asked)
        {
            parts[name] = await health;
        }

        var answer = HealthResponse.Of(parts);
        if (answer.CanServe)
        {
            _started.TrySetResult();
        }

        return answer;
    }

    private async Task<Dictionary<string, PartHealth>> CheckDatabase(CancellationToken deadline)
    {
        var parts = new Dictionary<string, PartHealth>();
        try
        {
            await using var ask = _database.CreateCommand("select 1");
            await ask.ExecuteNonQueryAsync(deadline);
            parts["postgresql"] = PartHealth.Healthy;
            // A schema does not fall behind while a process runs: it is asked until it is current once.
            _migrated = _migrated || await _schema.IsCurrent(deadline);
            parts["migrations"] = _migrated ? PartHealth.Healthy : PartHealth.Unhealthy("The schema is older than this version: run migrate.");
        }
        catch (NpgsqlException)
        {
            parts["postgresql"] = PartHealth.Unhealthy("It cannot be reached.");
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            parts["postgresql"] = PartHealth.Unhealthy("It does not answer in time.");
        }

        return parts;
    }
}
