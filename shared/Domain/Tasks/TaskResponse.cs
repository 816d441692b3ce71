using TodoFlow.Domain.Recurrence;

namespace TodoFlow.Domain.Tasks;

/// <summary>A task as clients, devices and events see it.</summary>
public sealed record TaskResponse
{
    /// <inheritdoc cref="TaskItem.Id"/>
    public required Guid Id { get; init; }

    /// <inheritdoc cref="TaskItem.UserId"/>
    public required Guid UserId { get; init; }

    /// <inheritdoc cref="TaskItem.Title"/>
    public required string Title { get; init; }

    /// <inheritdoc cref="TaskItem.Description"/>
    public required string? Description { get; init; }

    /// <inheritdoc cref="TaskItem.Status"/>
    public required TaskItemStatus Status { get; init; }

    /// <inheritdoc cref="TaskItem.Priority"/>
    public required TaskPriority Priority { get; init; }

    /// <inheritdoc cref="TaskItem.Tags"/>
    public required string[] Tags { get; init; }

    /// <inheritdoc cref="TaskItem.DueDate"/>
    public required string? DueDate { get; init; }

    /// <inheritdoc cref="TaskItem.TimeZone"/>
    public required string TimeZone { get; init; }

    /// <summary>An alias or an RFC 5545 rule; <c>none</c> for a task that does not recur.</summary>
    public required string Recurrence { get; init; }

    /// <inheritdoc cref="TaskItem.RecurrenceBasis"/>
    public required RecurrenceBasis RecurrenceBasis { get; init; }

    /// <inheritdoc cref="TaskItem.ParentTaskId"/>
    public required Guid? ParentTaskId { get; init; }

    /// <inheritdoc cref="TaskItem.SeriesId"/>
    public required Guid? SeriesId { get; init; }

    /// <inheritdoc cref="TaskItem.Occurrence"/>
    public required int? Occurrence { get; init; }

    /// <inheritdoc cref="TaskItem.ReminderOffset"/>
    public required string? ReminderOffset { get; init; }

    /// <inheritdoc cref="TaskItem.Version"/>
    public required long Version { get; init; }

    /// <inheritdoc cref="TaskItem.CreatedAt"/>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <inheritdoc cref="TaskItem.UpdatedAt"/>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <inheritdoc cref="TaskItem.CompletedAt"/>
    public required DateTimeOffset? CompletedAt { get; init; }

    /// <summary>The task as it stands.</summary>
    public static TaskResponse From(TaskItem task) => new()
    {
        Id = task.Id,
        UserId = task.UserId,
        Title = task.Title,
        Description = task.Description,
        Status = task.Status,
        Priority = task.Priority,
        Tags = task.Tags,
        DueDate = task.DueDate?.Text,
        TimeZone = task.TimeZone,
        Recurrence = task.Recurrence ?? "none",
        RecurrenceBasis = task.RecurrenceBasis,
        ParentTaskId = task.ParentTaskId,
        SeriesId = task.SeriesId,
        Occurrence = task.Occurrence,
        ReminderOffset = task.ReminderOffset,
        Version = task.Version,
        CreatedAt = task.CreatedAt,
        UpdatedAt = task.UpdatedAt,
        CompletedAt = task.CompletedAt,
    };
}
