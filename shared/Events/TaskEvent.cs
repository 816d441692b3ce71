using System.Text.Json.Serialization;
using TodoFlow.Tasks;

namespace TodoFlow.Events;

/// <summary>A fact about a task, to be announced in the transaction that made it true.</summary>
public abstract record TaskEvent(TaskItem Task)
{
    /// <summary>The event's type on <c>task-events</c>, with its major version.</summary>
    public abstract string Type { get; }

    /// <summary>What happened, in one word, on <c>task-updates</c>.</summary>
    public abstract string Change { get; }

    /// <summary>The fields that changed; none where the whole task came or went.</summary>
    public virtual IReadOnlyList<FieldChange> Changes => [];

    /// <summary>What a stale edit overwrote; null where nothing was.</summary>
    public TaskConflict? Conflict { get; init; }
}

/// <summary>A task was created.</summary>
public sealed record TaskCreated(TaskItem Task) : TaskEvent(Task)
{
    /// <inheritdoc/>
    public override string Type => "task.created.v1";

    /// <inheritdoc/>
    public override string Change => "created";
}

/// <summary>Fields of a task changed.</summary>
public sealed record TaskUpdated(TaskItem Task, IReadOnlyList<FieldChange> Changed) : TaskEvent(Task)
{
    /// <inheritdoc/>
    public override string Type => "task.updated.v1";

    /// <inheritdoc/>
    public override string Change => "updated";

    /// <inheritdoc/>
    public override IReadOnlyList<FieldChange> Changes => Changed;
}

/// <summary>A task was completed.</summary>
public sealed record TaskCompleted(TaskItem Task, IReadOnlyList<FieldChange> Changed) : TaskEvent(Task)
{
    /// <inheritdoc/>
    public override string Type => "task.completed.v1";

    /// <inheritdoc/>
    public override string Change => "completed";

    /// <inheritdoc/>
    public override IReadOnlyList<FieldChange> Changes => Changed;
}

/// <summary>A completed task was opened again.</summary>
public sealed record TaskReopened(TaskItem Task, IReadOnlyList<FieldChange> Changed) : TaskEvent(Task)
{
    /// <inheritdoc/>
    public override string Type => "task.reopened.v1";

    /// <inheritdoc/>
    public override string Change => "reopened";

    /// <inheritdoc/>
    public override IReadOnlyList<FieldChange> Changes => Changed;
}

/// <summary>A task was deleted; the event carries its last state.</summary>
public sealed record TaskDeleted(TaskItem Task) : TaskEvent(Task)
{
    /// <inheritdoc/>
    public override string Type => "task.deleted.v1";

    /// <inheritdoc/>
    public override string Change => "deleted";
}

/// <summary>The <c>data</c> of the events on <c>task-events</c>.</summary>
public sealed record TaskEventData
{
    /// <summary>The version of this shape: minor versions add optional fields.</summary>
    public required string SchemaVersion { get; init; }

    /// <summary>The task.</summary>
    public required Guid TaskId { get; init; }

    /// <summary>Its owner.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The whole task after the fact.</summary>
    public required TaskResponse TaskData { get; init; }

    /// <summary>The occurrence that this task follows.</summary>
    public required Guid? ParentTaskId { get; init; }

    /// <summary>The fields that changed, with their values before and after.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FieldChange>? Changes { get; init; }

    /// <summary>What a stale edit overwrote.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TaskConflict? Conflict { get; init; }
}

/// <summary>The <c>data</c> of the events on <c>task-updates</c>, small enough to push to every device.</summary>
public sealed record TaskChangeData
{
    /// <summary>The version of this shape: minor versions add optional fields.</summary>
    public required string SchemaVersion { get; init; }

    /// <summary>The task.</summary>
    public required Guid TaskId { get; init; }

    /// <summary>Its owner.</summary>
    public required Guid UserId { get; init; }

    /// <summary>created, updated, completed, reopened or deleted.</summary>
    public required string Change { get; init; }

    /// <summary>The task's version after the change.</summary>
    public required long Version { get; init; }

    /// <summary>The changed fields and their new values; the whole task where it was created; nothing where it was deleted.</summary>
    public required System.Text.Json.Nodes.JsonObject Fields { get; init; }
}
