using TodoFlow.Domain.Reminders;

namespace TodoFlow.Infrastructure.Reminders;

/// <summary>A reminder as clients see it.</summary>
public sealed record ReminderResponse
{
    /// <inheritdoc cref="Reminder.Id"/>
    public required Guid Id { get; init; }

    /// <inheritdoc cref="Reminder.TaskId"/>
    public required Guid TaskId { get; init; }

    /// <inheritdoc cref="Reminder.RemindAt"/>
    public required DateTimeOffset RemindAt { get; init; }

    /// <inheritdoc cref="Reminder.ReminderOffset"/>
    public required string? ReminderOffset { get; init; }

    /// <inheritdoc cref="Reminder.Status"/>
    public required ReminderStatus Status { get; init; }

    /// <inheritdoc cref="Reminder.RetryCount"/>
    public required int RetryCount { get; init; }

    /// <inheritdoc cref="Reminder.Late"/>
    public required bool Late { get; init; }

    /// <inheritdoc cref="Reminder.FiredAt"/>
    public required DateTimeOffset? FiredAt { get; init; }

    /// <inheritdoc cref="Reminder.SentAt"/>
    public required DateTimeOffset? SentAt { get; init; }

    /// <inheritdoc cref="Reminder.Reason"/>
    public required string? Reason { get; init; }

    /// <inheritdoc cref="Reminder.CreatedAt"/>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <inheritdoc cref="Reminder.UpdatedAt"/>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The reminder as it stands.</summary>
    public static ReminderResponse From(Reminder reminder) => new()
    {
        Id = reminder.Id,
        TaskId = reminder.TaskId,
        RemindAt = reminder.RemindAt,
        ReminderOffset = reminder.ReminderOffset,
        Status = reminder.Status,
        RetryCount = reminder.RetryCount,
        Late = reminder.Late,
        FiredAt = reminder.FiredAt,
        SentAt = reminder.SentAt,
        Reason = reminder.Reason,
        CreatedAt = reminder.CreatedAt,
        UpdatedAt = reminder.UpdatedAt,
    };
}
