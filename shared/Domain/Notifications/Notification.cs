namespace TodoFlow.Domain.Notifications;


/// <summary>Something that a user is told, once, over any number of channels.</summary>
public sealed class Notification
{
    /// <summary>UUIDv7, in the order in which a user's notifications were made.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The task that it is about, which may be gone.</summary>
    public required Guid TaskId { get; init; }

    /// <summary>The reminder that it comes from; null where there is none.</summary>
    public required Guid? ReminderId { get; init; }

    /// <summary>The event that it comes from: one event, one notification.</summary>
    public required Guid EventId { get; init; }

    /// <summary>What to show first: the task's title as it was then.</summary>
    public required string Title { get; init; }

    /// <summary>The text below it.</summary>
    public required string Body { get; init; }

    /// <summary>The instant that the reminder was set to, UTC; null where there is none.</summary>
    public required DateTimeOffset? RemindAt { get; init; }

    /// <summary>Whether its reminder fired noticeably after its instant.</summary>
    public required bool Late { get; init; }

    /// <summary>Whether it stands in the user's list: whether <c>in_app</c> was enabled when it was made.</summary>
    public required bool Listed { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the user read it, UTC; null until then.</summary>
    public DateTimeOffset? ReadAt { get; set; }

    /// <summary>When its reminder or its task was deleted, UTC; null until then. What waits to be delivered then is not sent.</summary>
    public DateTimeOffset? WithdrawnAt { get; set; }
}
