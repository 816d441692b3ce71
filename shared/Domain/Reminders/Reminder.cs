using System.Text.Json.Serialization;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Domain.Events;
using TodoFlow.Domain.Json;

namespace TodoFlow.Domain.Reminders;

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
/// <remarks>
/// It waits, fires, is sent or fails, or is cancelled before. What its row no longer tells when it is planned anew, a
/// <see cref="ReminderStep"/> keeps.
/// </remarks>
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

    /// <summary>How long before the due date, as the client wrote it (<see cref="Domain.Reminders.ReminderOffset"/>); null for one at an instant.</summary>
    public required string? ReminderOffset { get; set; }

    /// <summary>Whether it came of the task's own <c>reminder_offset</c>, and follows it.</summary>
    public required bool OfTask { get; init; }

    /// <summary>Whether the user chose <see cref="RemindAt"/> by a snooze: only a new due date, or a new offset, overrides that.</summary>
    public bool Snoozed { get; set; }

    /// <summary>What became of it.</summary>
    public ReminderStatus Status { get; set; }

    /// <summary>When the queue takes it up, UTC: <see cref="RemindAt"/> while it waits, otherwise null.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>When it fired last, UTC; null until then.</summary>
    public DateTimeOffset? FiredAt { get; set; }

    /// <summary>The <c>reminder.due.v1</c> of that firing: whoever sends it changes this row only while it still names that event.</summary>
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

    /// <summary>The span that planned it for its instant, in whose trace it fires (W3C's <c>traceparent</c>); null where traces are not exported.</summary>
    public string? TraceParent { get; set; }

    /// <summary>Whether it waits for its instant.</summary>
    public bool IsWaiting => DueAt is not null;

    /// <summary>It fires: it waits no more, and is on its way to the user.</summary>
    /// <param name="lateAfter">How long after its instant it counts as late.</param>
    /// <param name="now">When, UTC.</param>
    public void Fire(TimeSpan lateAfter, DateTimeOffset now) =>
        (DueAt, FiredAt, Late, UpdatedAt) = (null, now, now - RemindAt > lateAfter, now);

    /// <summary>It will not fire.</summary>
    /// <param name="reason">Why, one of <see cref="ReminderReasons"/>.</param>
    /// <param name="now">When, UTC.</param>
    public void Cancel(string reason, DateTimeOffset now) =>
        (Status, Reason, DueAt, UpdatedAt) = (ReminderStatus.Cancelled, reason, null, now);

    /// <summary>It waits for another instant, whatever became of it before.</summary>
    /// <param name="remindAt">The instant, UTC.</param>
    /// <param name="step"><see cref="ReminderSteps.Moved"/> or <see cref="ReminderSteps.Snoozed"/>.</param>
    /// <param name="now">When that was decided, UTC.</param>
    /// <returns>What the row told so far, to be kept.</returns>
    public IReadOnlyList<ReminderStep> Plan(DateTimeOffset remindAt, string step, DateTimeOffset now)
    {
        var steps = new List<ReminderStep>(2);
        if (Status == ReminderStatus.Cancelled)
        {
            steps.Add(Step(ReminderSteps.Cancelled, UpdatedAt, Reason, 0));
        }
        else if (FiredAt is { } fired)
        {
            steps.Add(Step(ReminderSteps.Fired, fired, Late ? "late" : null, 0));
        }

        steps.Add(Step(step, now, null, 1));
        (RemindAt, DueAt, Snoozed) = (remindAt, remindAt, step == ReminderSteps.Snoozed);
        (Status, Reason, FiredAt, DueEventId, SentAt, Late, RetryCount) = (ReminderStatus.Pending, null, null, null, null, false, 0);
        (TraceParent, UpdatedAt) = (Telemetry.TraceParent, now);
        return steps;
    }

    private ReminderStep Step(string step, DateTimeOffset at, string? detail, int ordinal) => new()
    {
        Id = EventId.New(at, ordinal), // in their order, also where both happened at once
        ReminderId = Id,
        Step = step,
        OccurredAt = at,
        RemindAt = RemindAt,
        Detail = detail,
    };
}

/// <summary>Why a reminder was cancelled.</summary>
public static class ReminderReasons
{
    /// <summary>Its task was completed. Reopening the task brings it back, unless its instant has passed.</summary>
    public const string TaskCompleted = "task_completed";

    /// <summary>Its task was deleted. Restoring the task brings it back, unless its instant has passed.</summary>
    public const string TaskDeleted = "task_deleted";

    /// <summary>It counted from a due date that is gone. Another due date brings it back.</summary>
    public const string DueDateCleared = "due_date_cleared";

    /// <summary>It came of the task's own offset, which is gone.</summary>
    public const string OffsetCleared = "offset_cleared";

    /// <summary>The user took it back.</summary>
    public const string ByUser = "by_user";
}

/// <summary>What happened to a reminder, in the words of <see cref="ReminderStep"/>.</summary>
public static class ReminderSteps
{
    /// <summary>It was planned for another instant, because its task changed.</summary>
    public const string Moved = "moved";

    /// <summary>The user put it off.</summary>
    public const string Snoozed = "snoozed";

    /// <summary>It fired, before it was planned anew.</summary>
    public const string Fired = "fired";

    /// <summary>It was cancelled, before it came back.</summary>
    public const string Cancelled = "cancelled";
}

/// <summary>Something that happened to a reminder and that its row no longer tells.</summary>
public sealed class ReminderStep
{
    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The reminder.</summary>
    public required Guid ReminderId { get; init; }

    /// <summary>What happened: one of <see cref="ReminderSteps"/>.</summary>
    public required string Step { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The instant that it was planned for until then, UTC.</summary>
    public DateTimeOffset? RemindAt { get; init; }

    /// <summary>More, without personal text: why it was cancelled, or <c>late</c>.</summary>
    public string? Detail { get; init; }
}
