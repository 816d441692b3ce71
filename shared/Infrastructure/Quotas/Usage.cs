using System.Text;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Infrastructure.Quotas;

/// <summary>What a user has stored, or what a change adds to it.</summary>
/// <param name="Tasks">Tasks, completed ones too.</param>
/// <param name="Bytes">Bytes of their titles, descriptions and tags, in UTF-8.</param>
/// <param name="Reminders">Reminders that wait.</param>
public readonly record struct Usage(long Tasks, long Bytes, long Reminders)
{
    /// <summary>What a new task adds.</summary>
    /// <param name="edit">Its fields.</param>
    public static Usage Of(TaskEdit edit) =>
        new(1, Count(edit.Title.Value, edit.Description.Value, edit.Tags.Value ?? []), edit.ReminderOffset.Value is null ? 0 : 1);

    /// <summary>The bytes of a task that count.</summary>
    public static long BytesOf(TaskItem task) => Count(task.Title, task.Description, task.Tags);

    /// <summary>Both together.</summary>
    public static Usage operator +(Usage one, Usage other) => new(one.Tasks + other.Tasks, one.Bytes + other.Bytes, one.Reminders + other.Reminders);

    /// <summary>One without the other.</summary>
    public static Usage operator -(Usage one, Usage other) => new(one.Tasks - other.Tasks, one.Bytes - other.Bytes, one.Reminders - other.Reminders);

    private static long Count(string? title, string? description, string[] tags) =>
        Encoding.UTF8.GetByteCount(title ?? "") + Encoding.UTF8.GetByteCount(description ?? "") + tags.Sum(tag => (long)Encoding.UTF8.GetByteCount(tag));
}
