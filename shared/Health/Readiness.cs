using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using TodoFlow.Persistence;

namespace TodoFlow.Health;

/// <summary>How the service and its parts are. Reasons name no secret and no host.</summary>
/// <param name="Status"><c>healthy</c> or <c>unhealthy</c>.</param>
/// <param name="Parts">Each part that was asked.</param>
public sealed record HealthResponse(string Status, IReadOnlyDictionary<string, PartHealth> Parts)
{
    /// <summary>A process that answers.</summary>
    public static HealthResponse Live { get; } = new("healthy", new Dictionary<string, PartHealth>());

    /// <summary>Whether every part is well.</summary>
    [JsonIgnore]
    public bool IsHealthy => Status == "healthy";

    /// <summary>Sums parts up.</summary>
    public static HealthResponse Of(IReadOnlyDictionary<string, PartHealth> parts) =>
        new(parts.Values.All(part => part.Status == "healthy") ? "healthy" : "unhealthy", parts);
}

/// <summary>How one part is.</summary>
/// <param name="Status"><c>healthy</c> or <c>unhealthy</c>.</param>
/// <param name="Reason">What is wrong with it; null where nothing is.</param>
public sealed record PartHealth(string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null)
{
    /// <summary>A part that is well.</summary>
    public static PartHealth Healthy { get; } = new("healthy");

    /// <summary>A part that is not.</summary>
    public static PartHealth Unhealthy(string reason) => new("unhealthy", reason);
}

/// <summary>Whether this instance can serve: PostgreSQL answers, and its schema is current.</summary>
public sealed class Readiness(IDbContextFactory<TodoFlowDb> contexts, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private volatile bool _migrated;

    /// <summary>Asks each part, and waits at most three seconds.</summary>
    public async Task<HealthResponse> Check(CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        var parts = new Dictionary<string, PartHealth>();
        try
        {
            await using var db = await contexts.CreateDbContextAsync(either.Token);
            await db.Database.ExecuteSqlAsync($"select 1", either.Token);
            parts["postgresql"] = PartHealth.Healthy;
            // A schema does not fall behind while a process runs: it is asked until it is current once.
            if (!_migrated)
            {
                _migrated = !(await db.Database.GetPendingMigrationsAsync(either.Token)).Any();
            }

            parts["migrations"] = _migrated ? PartHealth.Healthy : PartHealth.Unhealthy("The schema is older than this version: run migrate.");
        }
        catch (Exception error) when (error is NpgsqlException or InvalidOperationException { InnerException: NpgsqlException })
        {
            parts["postgresql"] = PartHealth.Unhealthy("It cannot be reached.");
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            parts["postgresql"] = PartHealth.Unhealthy("It does not answer in time.");
        }

        return HealthResponse.Of(parts);
    }
}
