using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Reminders;

/// <summary>Tells the queue of reminders that fall due soon when the change that planned them is committed.</summary>
public sealed class ReminderKick(ReminderQueue queue) : ICommitListener
{
    /// <inheritdoc/>
    public void Committed(IReadOnlySet<short> shards, DateTimeOffset? firstReminder)
    {
        if (firstReminder is { } first)
        {
            queue.Planned(first);
        }
    }
}
