using System.Text.Json.Serialization;
using TodoFlow.Domain.Events;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Domain.Reminders;

/// <summary>The <c>data</c> of the events on <c>reminders</c>.</summary>
public sealed record ReminderEventData
{
    /// <summary>The version of this shape, written now. A minor version adds optional fields.</summary>
    public const string CurrentSchemaVersion = "1.0";

    /// <summary>The version of this shape: minor versions add optional fields.</summary>
    public required string SchemaVersion { get; init; }

    /// <summary>The reminder.</summary>
    public required Guid ReminderId { get; init; }

    /// <summary>Its task.</summary>
    public required Guid TaskId { get; init; }

    /// <summary>The owner of both.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The occurrence that the task follows; null where it follows none, or the task is not at hand.</summary>
    public required Guid? ParentTaskId { get; init; }

    /// <summary>When it fires, or fired.</summary>
    public required DateTimeOffset RemindAt { get; init; }

    /// <summary>How long before the due date; null for a reminder at an instant.</summary>
    public required string? ReminderOffset { get; init; }

    /// <summary>Whether it fired noticeably after its instant.</summary>
    public required bool Late { get; init; }

    /// <summary>How often sending was tried again.</summary>
    public required int RetryCount { get; init; }

    /// <summary>The task; always where the reminder is due.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TaskResponse? TaskData { get; init; }

    /// <summary>The channel that reached the user, where it was sent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Channel { get; init; }

    /// <summary>Why it failed or was cancelled, in a stable word.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }
}

/// <summary>A domain event about a reminder, raised in the transaction that made it true.</summary>
/// <param name="Reminder">The reminder after the event.</param>
/// <param name="Task">Its task; null where it is not at hand.</param>
/// <param name="Time">When it happened, UTC.</param>
public abstract record ReminderEvent(Reminder Reminder, TaskResponse? Task, DateTimeOffset Time) : IDomainEvent
{
    /// <summary>The event's type on <c>reminders</c>, with its major version.</summary>
    public abstract string Type { get; }

    /// <summary>The channel that reached the user.</summary>
    private protected virtual string? Channel => null;

    /// <summary>Its message.</summary>
    public IEnumerable<EventMessage> ToMessages()
    {
        var data = new ReminderEventData
        {
            SchemaVersion = ReminderEventData.CurrentSchemaVersion,
            ReminderId = Reminder.Id,
            TaskId = Reminder.TaskId,
            UserId = Reminder.UserId,
            ParentTaskId = Task?.ParentTaskId,
            RemindAt = Reminder.RemindAt,
            ReminderOffset = Reminder.ReminderOffset,
            Late = Reminder.Late,
            RetryCount = Reminder.RetryCount,
            TaskData = Task,
            Channel = Channel,
            Reason = Reminder.Reason,
        };
        yield return new EventMessage(Type, Reminder.TaskId, Reminder.UserId, Time, data);
    }
}

/// <summary>A reminder was planned, or planned anew.</summary>
public sealed record ReminderScheduled(Reminder Reminder, TaskResponse? Task, DateTimeOffset Time) : ReminderEvent(Reminder, Task, Time)
{
    /// <inheritdoc/>
    public override string Type => "reminder.scheduled.v1";
}

/// <summary>A reminder fired; it carries the task as it was then.</summary>
public sealed record ReminderDue(Reminder Reminder, TaskResponse Task, DateTimeOffset Time) : ReminderEvent(Reminder, Task, Time)
{
    /// <summary>The type on the wire.</summary>
    public const string EventType = "reminder.due.v1";

    /// <inheritdoc/>
    public override string Type => EventType;
}

/// <summary>A reminder reached its user, by <paramref name="By"/> first.</summary>
public sealed record ReminderSent(Reminder Reminder, string By, DateTimeOffset Time) : ReminderEvent(Reminder, null, Time)
{
    /// <inheritdoc/>
    public override string Type => "reminder.sent.v1";

    private protected override string Channel => By;
}

/// <summary>Every channel failed for good; the reminder says why.</summary>
public sealed record ReminderFailed(Reminder Reminder, DateTimeOffset Time) : ReminderEvent(Reminder, null, Time)
{
    /// <inheritdoc/>
    public override string Type => "reminder.failed.v1";
}

/// <summary>A reminder will not fire any more; the reminder says why.</summary>
public sealed record ReminderCancelled(Reminder Reminder, TaskResponse? Task, DateTimeOffset Time) : ReminderEvent(Reminder, Task, Time)
{
    /// <inheritdoc/>
    public override string Type => "reminder.cancelled.v1";
}
