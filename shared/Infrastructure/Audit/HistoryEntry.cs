using System.Text.Json.Serialization;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Infrastructure.Audit;

/// <summary>One thing that happened to a task.</summary>
public sealed record HistoryEntry
{
    /// <summary>The event.</summary>
    public required Guid EventId { get; init; }

    /// <summary>What happened, such as <c>task.completed.v1</c>.</summary>
    public required string EventType { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The request that caused it: its <c>X-Correlation-Id</c>.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The fields that changed, with their values before and after; none where the whole task came or went.</summary>
    public required IReadOnlyList<FieldChange> Changes { get; init; }

    /// <summary>What an edit that was made on an older version overwrote; absent where nothing was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TaskConflict? Conflict { get; init; }

    /// <summary>When a device says that the change was made there, UTC; absent where none says so.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ClientTime { get; init; }
}
