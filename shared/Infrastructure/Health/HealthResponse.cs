using System.Text.Json.Serialization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TodoFlow.Infrastructure.Health;

/// <summary>How the service and its parts are. Reasons name no secret and no host.</summary>
/// <param name="Status">
/// <c>healthy</c>; <c>degraded</c> where a part is missed, though requests are served; or <c>unhealthy</c>, where they cannot be.
/// </param>
/// <param name="Parts">Each part that was asked.</param>
public sealed record HealthResponse(string Status, IReadOnlyDictionary<string, PartHealth> Parts)
{
    /// <summary>A process that answers.</summary>
    public static HealthResponse Live { get; } = new("healthy", new Dictionary<string, PartHealth>());

    /// <summary>Whether no part keeps the service from serving.</summary>
    [JsonIgnore]
    public bool CanServe => Status != "unhealthy";

    /// <summary>What the checks found.</summary>
    public static HealthResponse From(HealthReport report) =>
        new(Name(report.Status), report.Entries.ToDictionary(entry => entry.Key, entry => new PartHealth(Name(entry.Value.Status), Reason(entry.Value))));

    // An exception's message may name a host; the checks themselves say what may be read.
    private static string? Reason(HealthReportEntry entry) => entry.Exception switch
    {
        null => entry.Description,
        OperationCanceledException => "It does not answer in time.",
        _ => "It cannot be asked.",
    };

    private static string Name(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}

/// <summary>How one part is.</summary>
/// <param name="Status"><c>healthy</c>, <c>degraded</c> where the service goes on without it, or <c>unhealthy</c>.</param>
/// <param name="Reason">What is wrong with it; null where nothing is.</param>
public sealed record PartHealth(string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null);
