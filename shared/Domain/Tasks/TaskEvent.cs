using System.Text.Json;
using TodoFlow.Domain.Events;

namespace TodoFlow.Domain.Tasks;

/// <summary>A domain event about a task, raised in the transaction that made it true.</summary>
public abstract record TaskEvent(TaskItem Task) : IDomainEvent
{
    /// <summary>The event's type on <c>task-events</c>, with its major version.</summary>
    public abstract string Type { get; }

    /// <summary>What happened, in one word, on <c>task-updates</c>.</summary>
    public abstract string Change { get; }

    /// <summary>The fields that changed; none where the whole task came or went.</summary>
    public virtual IReadOnlyList<FieldChange> Changes => [];

    /// <summary>What a stale edit overwrote; null where nothing was.</summary>
    public TaskConflict? Conflict { get; init; }

    /// <summary>The type of the small event on <c>task-updates</c>.</summary>
    internal const string UpdateType = "task.changed.v1";

    /// <summary>Its messages: the full one for consumers and the small one for devices, both about the task as it is now.</summary>
    public IEnumerable<EventMessage> ToMessages()
    {
        var task = TaskResponse.From(Task);
        yield return new EventMessage(Type, task.Id, task.UserId, task.UpdatedAt, Complete(new TaskEventData
        {
            SchemaVersion = TaskEventData.CurrentSchemaVersion,
            TaskId = task.Id,
            UserId = task.UserId,
            TaskData = task,
            ParentTaskId = task.ParentTaskId,
            Series = Task.ToSeriesData(),
            Changes = Changes.Count == 0 ? null : [.. Changes.Select(change => change.Shortened())],
            Conflict = Conflict?.Shortened(),
        }));
        yield return new EventMessage(UpdateType, task.Id, task.UserId, task.UpdatedAt, new TaskChangeData
        {
            SchemaVersion = TaskChangeData.CurrentSchemaVersion,
            TaskId = task.Id,
            UserId = task.UserId,
            Change = Change,
            Version = task.Version,
            Fields = Fields(task),
        });
    }

    /// <summary>Adds what only this type of event says.</summary>
    private protected virtual TaskEventData Complete(TaskEventData data) => data;

    /// <summary>What a device needs to bring its copy up to date.</summary>
    private protected virtual JsonElement Fields(TaskResponse task) =>
        JsonSerializer.SerializeToElement(Changes.ToDictionary(change => change.Field, change => change.New), TaskJson.Wire.DictionaryStringJsonNode);
}

/// <summary>A task was created.</summary>
public sealed record TaskCreated(TaskItem Task) : TaskEvent(Task)
{
    /// <inheritdoc/>
    public override string Type => "task.created.v1";

    /// <inheritdoc/>
    public override string Change => "created";

    private protected override JsonElement Fields(TaskResponse task) => JsonSerializer.SerializeToElement(task, TaskJson.Wire.TaskResponse);
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
    /// <summary>The type on the wire.</summary>
    public const string EventType = "task.completed.v1";

    /// <inheritdoc/>
    public override string Type => EventType;

    /// <inheritdoc/>
    public override string Change => "completed";

    /// <inheritdoc/>
    public override IReadOnlyList<FieldChange> Changes => Changed;
}

/// <summary>A completed task was opened again.</summary>
public sealed record TaskReopened(TaskItem Task, IReadOnlyList<FieldChange> Changed) : TaskEvent(Task)
{
    /// <summary>The type on the wire.</summary>
    public const string EventType = "task.reopened.v1";

    /// <inheritdoc/>
    public override string Type => EventType;

    /// <inheritdoc/>
    public override string Change => "reopened";

    /// <inheritdoc/>
    public override IReadOnlyList<FieldChange> Changes => Changed;
}

/// <summary>A task was deleted; the event carries its last state.</summary>
/// <param name="Task">The task.</param>
/// <param name="PurgeAt">Until when it stays in the trash, UTC; null where it is gone for good already.</param>
public sealed record TaskDeleted(TaskItem Task, DateTimeOffset? PurgeAt = null) : TaskEvent(Task)
{
    /// <inheritdoc/>
    public override string Type => "task.deleted.v1";

    /// <inheritdoc/>
    public override string Change => "deleted";

    private protected override TaskEventData Complete(TaskEventData data) => new TaskDeletedData(data) { PurgeAt = PurgeAt };
}

/// <summary>A task came back from the trash.</summary>
/// <param name="Task">The task.</param>
/// <param name="Changed">The fields that changed: its recurrence, where its series had gone on without it.</param>
public sealed record TaskRestored(TaskItem Task, IReadOnlyList<FieldChange> Changed) : TaskEvent(Task)
{
    /// <inheritdoc/>
    public override string Type => "task.restored.v1";

    /// <inheritdoc/>
    public override string Change => "restored";

    /// <inheritdoc/>
    public override IReadOnlyList<FieldChange> Changes => Changed;

    private protected override JsonElement Fields(TaskResponse task) => JsonSerializer.SerializeToElement(task, TaskJson.Wire.TaskResponse);
}

/// <summary>A task left the trash for good; the event carries its last state.</summary>
public sealed record TaskPurged(TaskItem Task) : TaskEvent(Task)
{
    /// <inheritdoc/>
    public override string Type => "task.purged.v1";

    /// <inheritdoc/>
    public override string Change => "purged";
}
