using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TodoFlow.Domain.Tasks;

/// <summary>The <c>data</c> of the events on <c>task-events</c>.</summary>
public record TaskEventData
{
    /// <summary>The version of this shape, written now. A minor version adds optional fields.</summary>
    public const string CurrentSchemaVersion = "1.1";

    /// <summary>The version of this shape: minor versions add optional fields.</summary>
    public required string SchemaVersion { get; init; }

    /// <summary>The task.</summary>
    public required Guid TaskId { get; init; }

    /// <summary>Its owner.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The whole task after the event.</summary>
    public required TaskResponse TaskData { get; init; }

    /// <summary>The occurrence that this task follows.</summary>
    public required Guid? ParentTaskId { get; init; }

    /// <summary>The rhythm of a recurring task.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SeriesData? Series { get; init; }

    /// <summary>The fields that changed, with their values before and after; of long texts the beginnings.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FieldChange>? Changes { get; init; }

    /// <summary>What a stale edit overwrote.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TaskConflict? Conflict { get; init; }
}

/// <summary>The <c>data</c> of <c>task.deleted.v1</c>.</summary>
public sealed record TaskDeletedData : TaskEventData
{
    /// <summary>Read from JSON.</summary>
    public TaskDeletedData()
    {
    }

    /// <summary>What every event of the task says, to be completed.</summary>
    [SetsRequiredMembers]
    public TaskDeletedData(TaskEventData data)
        : base(data)
    {
    }

    /// <summary>Until when the task stays in the trash, UTC; absent where it is gone for good already.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? PurgeAt { get; init; }
}

/// <summary>The <c>data</c> of the events on <c>task-updates</c>, small enough to push to every device.</summary>
public sealed record TaskChangeData
{
    /// <summary>The version of this shape, written now. A minor version adds optional fields.</summary>
    public const string CurrentSchemaVersion = "1.0";

    /// <summary>The version of this shape: minor versions add optional fields.</summary>
    public required string SchemaVersion { get; init; }

    /// <summary>The task.</summary>
    public required Guid TaskId { get; init; }

    /// <summary>Its owner.</summary>
    public required Guid UserId { get; init; }

    /// <summary>created, updated, completed, reopened, deleted, restored or purged.</summary>
    public required string Change { get; init; }

    /// <summary>The task's version after the change.</summary>
    public required long Version { get; init; }

    /// <summary>The changed fields and their new values; the whole task where it was created or restored; nothing where it was deleted or purged.</summary>
    public required JsonElement Fields { get; init; }
}

/// <summary>The rhythm of a recurring task. Wall times are local dates, with the time of day where the series has one, in the task's zone.</summary>
/// <param name="Anchor">The wall time that the rule counts from.</param>
/// <param name="AnchorOccurrence">The occurrence that stood there.</param>
/// <param name="Scheduled">The wall time that this occurrence stands for, wherever its due date was moved.</param>
public sealed record SeriesData(string Anchor, int AnchorOccurrence, string Scheduled);
