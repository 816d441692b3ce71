using TodoFlow.Domain.Events;

namespace TodoFlow.Domain.Notifications;

/// <summary>
/// A notification was handed to the channel <c>realtime</c>: its event reaches every instance that has connections, and each pushes it
/// to those of the user. Nobody is told whether a device was connected.
/// </summary>
/// <param name="NotificationId">The notification.</param>
/// <param name="ReminderId">The reminder that it comes from; null where there is none.</param>
/// <param name="TaskId">The task that it is about.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="Title">What to show first.</param>
/// <param name="Body">The text below it.</param>
/// <param name="RemindAt">The instant that the reminder was set to; null where there is none.</param>
/// <param name="Late">Whether it was fired later than it should have been, after an outage.</param>
/// <param name="CreatedAt">When the notification was made.</param>
/// <param name="PushedAt">When it was handed over: the event's time.</param>
public sealed record NotificationPushed(
    Guid NotificationId, Guid? ReminderId, Guid TaskId, Guid UserId, string Title, string Body, DateTimeOffset? RemindAt, bool Late,
    DateTimeOffset CreatedAt, DateTimeOffset PushedAt) : IDomainEvent
{
    /// <summary>The type on the wire.</summary>
    public const string EventType = "notification.pushed.v1";

    /// <inheritdoc/>
    public IEnumerable<EventMessage> ToMessages()
    {
        yield return new EventMessage(EventType, TaskId, UserId, PushedAt, new NotificationPushedData
        {
            SchemaVersion = NotificationPushedData.CurrentSchemaVersion,
            NotificationId = NotificationId,
            ReminderId = ReminderId,
            TaskId = TaskId,
            UserId = UserId,
            Title = Title,
            Body = Body,
            RemindAt = RemindAt,
            Late = Late,
            CreatedAt = CreatedAt,
        });
    }
}

/// <summary>The <c>data</c> of <see cref="NotificationPushed"/>.</summary>
public sealed record NotificationPushedData
{
    /// <summary>The version of this shape, written now. A minor version adds optional fields.</summary>
    public const string CurrentSchemaVersion = "1.0";

    /// <summary>The version of this shape: minor versions add optional fields.</summary>
    public required string SchemaVersion { get; init; }

    /// <summary>The notification.</summary>
    public required Guid NotificationId { get; init; }

    /// <summary>The reminder that it comes from.</summary>
    public required Guid? ReminderId { get; init; }

    /// <summary>The task that it is about.</summary>
    public required Guid TaskId { get; init; }

    /// <summary>Whose it is.</summary>
    public required Guid UserId { get; init; }

    /// <summary>What to show first.</summary>
    public required string Title { get; init; }

    /// <summary>The text below it.</summary>
    public required string Body { get; init; }

    /// <summary>The instant that the reminder was set to.</summary>
    public required DateTimeOffset? RemindAt { get; init; }

    /// <summary>Whether it was fired later than it should have been.</summary>
    public required bool Late { get; init; }

    /// <summary>When the notification was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
