using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.DueWork;

namespace TodoFlow.Infrastructure.Health;

/// <summary>Whether PostgreSQL answers; degraded where its disk is full: reading works, and changes are refused.</summary>
public sealed class DatabaseHealth([Background] NpgsqlDataSource database, DiskSpace disk) : IHealthCheck
{
    /// <summary>What is said of a database that is not there.</summary>
    internal const string Unreachable = "It cannot be reached.";

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var ask = database.CreateCommand("select 1");
            await ask.ExecuteNonQueryAsync(cancellationToken);
            return disk.IsUsedUp ? HealthCheckResult.Degraded("Its disk is full: changes are refused.") : HealthCheckResult.Healthy();
        }
        catch (NpgsqlException)
        {
            return HealthCheckResult.Unhealthy(Unreachable);
        }
    }
}

/// <summary>Whether the schema is that of this version. It does not fall behind while a process runs: it is asked until it is current once.</summary>
public sealed class SchemaHealth(SchemaState schema) : IHealthCheck
{
    private volatile bool _isCurrent;

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            _isCurrent = _isCurrent || await schema.IsCurrent(cancellationToken);
            return _isCurrent ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The schema is older than this version: run migrate.");
        }
        catch (NpgsqlException)
        {
            return HealthCheckResult.Unhealthy(DatabaseHealth.Unreachable);
        }
    }
}
