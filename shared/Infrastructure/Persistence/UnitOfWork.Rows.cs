using Npgsql;
using TodoFlow.Domain.Events;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Persistence.Rows;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Infrastructure.Persistence;

// What a change is made of. The other file has how it is written.
public sealed partial class UnitOfWork
{
    private readonly PendingRows _rows = new();
    private IWriteCondition? _condition;
    private DateTimeOffset? _firstReminder;
    private int _raised;
    private HashSet<short> _shards = []; // of the events

    /// <summary>Adds a task with its reminders.</summary>
    /// <param name="task">The task.</param>
    /// <param name="created">The event of that.</param>
    /// <param name="reminders">Its reminders, each with its event.</param>
    public void Add(TaskItem task, TaskCreated created, IEnumerable<(Reminder Reminder, ReminderScheduled Scheduled)> reminders)
    {
        _rows.AddedTasks.Add(task);
        Raise(created);
        foreach (var (reminder, scheduled) in reminders)
        {
            Add(reminder);
            Raise(scheduled);
        }
    }

    /// <summary>Adds an event to the outbox that is no domain event's.</summary>
    internal void Add(OutboxEvent made)
    {
        _rows.Events.Add(made);
        _shards.Add(made.Shard);
        _raised++;
    }

    /// <summary>Changes a task that is locked.</summary>
    /// <param name="task">The task.</param>
    /// <param name="fields">The fields that changed, by their names on the wire.</param>
    internal void Change(TaskItem task, IReadOnlySet<string> fields) =>
        _rows.ChangedTasks[task] = _rows.ChangedTasks.GetValueOrDefault(task) || fields.Overlaps(["title", "description", "tags"]);

    /// <summary>Changes a reminder that is locked.</summary>
    internal void Change(Reminder reminder)
    {
        _rows.ChangedReminders.Add(reminder);
        Wait(reminder);
    }

    /// <summary>Removes a task that is locked, or moves it to the trash.</summary>
    internal void Remove(TaskItem task, bool toTrash)
    {
        _rows.ChangedTasks.Remove(task);
        (toTrash ? _rows.TrashedTasks : _rows.RemovedTasks).Add(task);
    }

    /// <summary>Adds a task that comes back; whoever took it out of the trash sees to its reminders.</summary>
    internal void Restore(TaskItem task) => _rows.AddedTasks.Add(task);

    /// <summary>Adds and changes what a plan says of a task's reminders, and raises its events.</summary>
    internal void Save(ReminderPlan plan)
    {
        plan.Added.ForEach(Add);
        plan.Changed.ForEach(Change);
        Save(plan.Steps);
        plan.Raised.ForEach(raised => Raise(raised));
    }

    /// <summary>Keeps what happened to reminders.</summary>
    internal void Save(IEnumerable<ReminderStep> steps) => _rows.Steps.AddRange(steps);

    /// <summary>Raises a domain event, about the state as it is now.</summary>
    /// <returns>The id of the first event that tells of it.</returns>
    public Guid Raise(IDomainEvent raised)
    {
        var before = _rows.Events.Count;
        _rows.Events.AddRange(OutboxEvent.Of(raised, _raised));
        _raised += _rows.Events.Count - before;
        _shards.UnionWith(_rows.Events.Skip(before).Select(made => made.Shard));
        return _rows.Events[before].EventId;
    }

    /// <summary>Lets a statement be part of the write, before the rows.</summary>
    public void Execute(NpgsqlBatchCommand statement) => _rows.Statements.Add(statement);

    /// <summary>Writes new rows only where something holds; else the change is made again. For changes that begin no transaction.</summary>
    /// <exception cref="InvalidOperationException">A transaction has begun.</exception>
    internal void OnlyIf(IWriteCondition condition) =>
        _condition = InTransaction ? throw new InvalidOperationException("A change in a transaction has no condition.") : condition;

    private void Add(Reminder reminder)
    {
        _rows.AddedReminders.Add(reminder);
        Wait(reminder);
    }

    private void Wait(Reminder reminder) => _firstReminder = reminder.DueAt < _firstReminder ? reminder.DueAt : _firstReminder ?? reminder.DueAt;
}
