using TodoFlow.Events;
using TodoFlow.Persistence;
using TodoFlow.Reminders;
using TodoFlow.Tasks;

namespace TodoFlow.Recurrence;

/// <summary>The next occurrences of one batch of completions with their reminders and events, stored at once: they are new, so nothing of them is tracked.</summary>
internal sealed class NewOccurrences
{
    private readonly List<TaskItem> tasks = [];
    private readonly List<Reminder> reminders = [];
    private readonly List<OutboxEvent> events = [];

    /// <summary>How many events they announce, stored or not.</summary>
    public int Announced { get; private set; }

    /// <summary>Adds an occurrence, in the trace of what made it.</summary>
    public void Add(TaskItem task, TaskCreated fact, IEnumerable<(Reminder Reminder, ReminderScheduled Fact)> planned)
    {
        tasks.Add(task);
        Announce(fact);
        foreach (var (reminder, scheduled) in planned)
        {
            reminders.Add(reminder);
            Announce(scheduled);
        }
    }

    /// <summary>Stores what was added since the last time, in the transaction of <paramref name="db"/> and in one round trip.</summary>
    public async Task Store(TodoFlowDb db, CancellationToken ct)
    {
        if (tasks.Count == 0)
        {
            return;
        }

        // In the order of their ids, as a save would: two batches never wait for each other.
        await NewRows.Add(db, [.. tasks.OrderBy(task => task.Id), .. reminders], events, ct);
        db.AttachRange(reminders); // as stored: ReminderKick tells the queue of the first
        tasks.Clear();
        reminders.Clear();
        events.Clear();
    }

    private void Announce(IFact fact)
    {
        var before = events.Count;
        events.AddRange(fact.ToEvents(Announced));
        Announced += events.Count - before;
    }
}
