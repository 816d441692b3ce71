using Npgsql;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Persistence.Rows;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>Reads a user's tasks for a file, with their reminders and their places in series.</summary>
public sealed class ExportedTasks(NpgsqlDataSource database)
{
    private const int Limit = 500;
    private const int LongestReminder = 900; // nothing of one is longer than an offset of 50 characters
    private const int Frame = 200;

    /// <summary>One page, in the order of creation, and whether there is more. It ends early where it would be too long.</summary>
    /// <param name="user">Whose tasks.</param>
    /// <param name="after">The last task of the page before; null for the first page.</param>
    /// <param name="budget">How long the page may be.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<(List<ExportedTask> Tasks, bool More)> Page(Guid user, ExportedTask? after, PageBudget budget, CancellationToken ct)
    {
        var (tasks, more) = await Read(user, after?.Task, budget, ct);
        var reminders = await Reminders(user, [.. tasks.Select(task => task.Id)], budget, ct);
        return ([.. tasks.Select(task => new ExportedTask(TaskResponse.From(task), task.ToSeriesData(), [.. reminders[task.Id]]))], more);
    }

    private async Task<(List<TaskItem> Tasks, bool More)> Read(Guid user, TaskResponse? after, PageBudget budget, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            $"select {TaskItemRows.Columns} from task_item where user_id = $1{(after is null ? "" : " and (created_at, id) > ($2, $3)")} order by created_at, id limit {Limit + 1}");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        if (after is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = after.CreatedAt });
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after.Id });
        }

        await using var rows = await command.ExecuteReaderAsync(ct);
        var tasks = new List<TaskItem>();
        while (await rows.ReadAsync(ct))
        {
            var task = TaskItemRows.Read(rows);
            if (tasks.Count == Limit || !budget.Add(Frame + TaskResponseRows.JsonSizeOf(TaskResponse.From(task))))
            {
                return (tasks, true);
            }

            tasks.Add(task);
        }

        return (tasks, false);
    }

    // A task has few; each belongs to the page, whatever that makes of its length.
    private async Task<ILookup<Guid, ReminderResponse>> Reminders(Guid user, Guid[] tasks, PageBudget budget, CancellationToken ct)
    {
        await using var command = database.CreateCommand($"select {ReminderRows.Columns} from reminder where user_id = $1 and task_id = any($2) order by id");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = tasks });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var reminders = await ReminderRows.ReadAll(rows, ct);
        budget.Add(LongestReminder * (long)reminders.Count);
        return reminders.ToLookup(reminder => reminder.TaskId, ReminderResponse.From);
    }
}
