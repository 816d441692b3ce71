using TodoFlow.Domain.Tasks;

namespace TodoFlow.Domain.Notifications;

/// <summary>What a user's preferences say about new tasks.</summary>
/// <param name="ReminderOffset">The offset of tasks with a due date that name none; null for no reminder.</param>
/// <param name="AllDayReminderTime">The wall time that the reminders of all-day tasks count from.</param>
public sealed record TaskPreference(string? ReminderOffset, TimeOnly AllDayReminderTime)
{
    /// <summary>What applies to a user who never said anything.</summary>
    public static TaskPreference Default { get; } = new(null, NotificationPreference.DefaultAllDayReminderTime);

    /// <summary>Whether a new task depends on preferences: when to remind, or from which time of an all-day task's date an offset counts.</summary>
    public static bool AppliesTo(TaskEdit edit) => edit.DueDate.Value is { } due && (!edit.ReminderOffset.IsSet || due.AllDay);

    /// <summary>The fields of a new task, with the preferred offset where it has a due date and names none.</summary>
    public TaskEdit ApplyTo(TaskEdit edit) =>
        edit.DueDate.Value is not null && !edit.ReminderOffset.IsSet ? edit with { ReminderOffset = ReminderOffset } : edit;
}
