using Npgsql;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Persistence.Rows;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>What a unit of work is about to write.</summary>
internal sealed class PendingRows
{
    /// <summary>Statements of others, which come before the rows.</summary>
    public List<NpgsqlBatchCommand> Statements { get; } = [];

    /// <summary>New tasks.</summary>
    public List<TaskItem> AddedTasks { get; } = [];

    /// <summary>Changed tasks; and of each, whether its title, description or tags changed.</summary>
    public Dictionary<TaskItem, bool> ChangedTasks { get; } = [];

    /// <summary>Removed tasks.</summary>
    public List<TaskItem> RemovedTasks { get; } = [];

    /// <summary>Tasks that go to the trash.</summary>
    public List<TaskItem> TrashedTasks { get; } = [];

    /// <summary>New reminders.</summary>
    public List<Reminder> AddedReminders { get; } = [];

    /// <summary>Changed reminders.</summary>
    public HashSet<Reminder> ChangedReminders { get; } = [];

    /// <summary>What happened to reminders.</summary>
    public List<ReminderStep> Steps { get; } = [];

    /// <summary>The events that were raised, in their order.</summary>
    public List<OutboxEvent> Events { get; } = [];

    /// <summary>Adds the statements that write everything, in the order that <see cref="UnitOfWork"/> describes.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="condition">What must hold, or no row is added; null where they are added in any case.</param>
    public void AddTo(NpgsqlBatch batch, IWriteCondition? condition)
    {
        if (condition is not null)
        {
            batch.BatchCommands.Add(condition.Lock());
        }

        Statements.ForEach(batch.BatchCommands.Add);
        if (RemovedTasks.Count > 0)
        {
            batch.BatchCommands.Add(TaskItemRows.Delete(RemovedTasks.Select(task => task.Id)));
        }

        foreach (var task in TrashedTasks)
        {
            batch.BatchCommands.Add(TrashRows.Move(task));
        }

        foreach (var (task, words) in ChangedTasks)
        {
            batch.BatchCommands.Add(TaskItemRows.Update(task, words));
        }

        // In the order of their ids: two that add the same tasks never wait for each other in a circle.
        Insert(TaskItemRows.Insert, AddedTasks.Count > 1 ? [.. AddedTasks.OrderBy(task => task.Id)] : AddedTasks);
        if (ChangedReminders.Count > 0)
        {
            batch.BatchCommands.Add(ReminderRows.Update(ChangedReminders));
        }

        Insert(ReminderRows.Insert, AddedReminders);
        Insert(ReminderRows.InsertSteps, Steps);
        Insert(OutboxRows.Insert, Events);

        void Insert<TRow>(RowInsert<TRow> insert, List<TRow> rows)
        {
            if (rows.Count > 0)
            {
                batch.BatchCommands.Add(insert.Add(rows, condition));
            }
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Statements.Clear();
        AddedTasks.Clear();
        ChangedTasks.Clear();
        RemovedTasks.Clear();
        TrashedTasks.Clear();
        AddedReminders.Clear();
        ChangedReminders.Clear();
        Steps.Clear();
        Events.Clear();
    }
}
