namespace TodoFlow.Domain.Audit;


/// <summary>What happened to a task, one row per event. It outlives the task, and goes with its user.</summary>
public sealed class AuditEntry
{
    /// <summary>The event.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The task, which may be gone.</summary>
    public required Guid TaskId { get; init; }

    /// <summary>The task's owner.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The event's type, such as <c>task.completed.v1</c>.</summary>
    public required string EventType { get; init; }

    /// <summary>When it happened, UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The task's version after it; null for events that made none.</summary>
    public long? TaskVersion { get; init; }

    /// <summary>The request that caused it.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The fields that changed: a JSON array of {field, old, new}.</summary>
    public required string Changes { get; init; }

    /// <summary>What a stale edit overwrote, as JSON; null where nothing was.</summary>
    public string? Conflict { get; init; }
}
