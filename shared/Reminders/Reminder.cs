using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TodoFlow.Accounts;
using TodoFlow.Json;

namespace TodoFlow.Reminders;

/// <summary>What became of a reminder.</summary>
/// <remarks>Stored as its number.</remarks>
[JsonConverter(typeof(SnakeCaseEnum<ReminderStatus>))]
public enum ReminderStatus
{
    /// <summary>It waits for its instant, or has fired and is on its way to the user.</summary>
    Pending = 0,

    /// <summary>It reached the user by one channel at least.</summary>
    Sent = 1,

    /// <summary>It fired, and every channel failed for good.</summary>
    Failed = 2,

    /// <summary>It will not fire: its task is done or gone, or the user took it back.</summary>
    Cancelled = 3,
}

/// <summary>One reminder of one task: at an instant, or some time before the task's due date.</summary>
public sealed class Reminder
{
    /// <summary>How many reminders may wait per task.</summary>
    public const int MaxPerTask = 20;

    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The task, which may be gone.</summary>
    public required Guid TaskId { get; init; }

    /// <summary>The owner of both.</summary>
    public required Guid UserId { get; init; }

    /// <summary>When it fires, or fired, UTC.</summary>
    public required DateTimeOffset RemindAt { get; set; }

    /// <summary>How long before the due date, as the client wrote it (<see cref="Reminders.ReminderOffset"/>); null for one at an instant.</summary>
    public required string? ReminderOffset { get; set; }

    /// <summary>Whether it came of the task's own <c>reminder_offset</c>, and follows it.</summary>
    public required bool OfTask { get; init; }

    /// <summary>What became of it.</summary>
    public ReminderStatus Status { get; set; }

    /// <summary>When the queue takes it up, UTC: <see cref="RemindAt"/> while it waits, otherwise null.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>When it fired last, UTC; null until then.</summary>
    public DateTimeOffset? FiredAt { get; set; }

    /// <summary>The <c>reminder.due.v1</c> of that firing.</summary>
    public Guid? DueEventId { get; set; }

    /// <summary>Whether it fired noticeably after its instant.</summary>
    public bool Late { get; set; }

    /// <summary>How often sending it was tried again, over all channels.</summary>
    public int RetryCount { get; set; }

    /// <summary>When the first channel reached the user, UTC.</summary>
    public DateTimeOffset? SentAt { get; set; }

    /// <summary>Why it failed or was cancelled, in a stable word such as <c>task_completed</c>.</summary>
    public string? Reason { get; set; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed, UTC.</summary>
    public required DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>Something that happened to a reminder and that its row no longer tells.</summary>
public sealed class ReminderStep
{
    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The reminder.</summary>
    public required Guid ReminderId { get; init; }

    /// <summary>What happened, in a stable word such as <c>moved</c>.</summary>
    public required string Step { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The instant that it was planned for then, UTC.</summary>
    public DateTimeOffset? RemindAt { get; init; }

    /// <summary>More, without personal text.</summary>
    public string? Detail { get; init; }
}

/// <summary>How reminders are stored.</summary>
public sealed class ReminderConfiguration : IEntityTypeConfiguration<Reminder>, IEntityTypeConfiguration<ReminderStep>
{
    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<Reminder> builder)
    {
        builder.HasKey(reminder => reminder.Id);
        builder.Property(reminder => reminder.Id).ValueGeneratedNever();
        builder.Property(reminder => reminder.Status).HasConversion<short>();
        builder.HasOne<User>().WithMany().HasForeignKey(reminder => reminder.UserId).OnDelete(DeleteBehavior.Cascade);
    }

    /// <inheritdoc/>
    public void Configure(EntityTypeBuilder<ReminderStep> builder)
    {
        builder.HasKey(step => step.Id);
        builder.Property(step => step.Id).ValueGeneratedNever();
        builder.HasOne<Reminder>().WithMany().HasForeignKey(step => step.ReminderId).OnDelete(DeleteBehavior.Cascade);
    }
}
