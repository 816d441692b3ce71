using System.Globalization;
using Npgsql;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Persistence.Rows;

namespace TodoFlow.Infrastructure.Tasks;

/// <summary>Which page of a list is wanted.</summary>
/// <param name="Sort">What it is sorted by.</param>
/// <param name="Order">In which direction.</param>
/// <param name="Limit">How many tasks at most.</param>
/// <param name="Offset">How many tasks to skip, without a cursor.</param>
/// <param name="After">The cursor behind which the page begins.</param>
public sealed record TaskPage(TaskSort Sort, SortOrder Order, int Limit, int Offset, TaskCursor? After);

/// <summary>Reads a user's tasks: one, or lists that are filtered, sorted and in pages. Each order is total, since the id breaks ties.</summary>
public sealed class TaskList(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>One of the user's tasks.</summary>
    /// <exception cref="ProblemException">404: it does not exist, or is not the user's.</exception>
    public async Task<TaskResponse> Get(Guid userId, Guid id, CancellationToken ct)
    {
        await using var command = database.CreateCommand($"select {TaskResponseRows.Columns} from task_item where id = $1 and user_id = $2");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = userId });
        await using var rows = await command.ExecuteReaderAsync(ct);
        return await rows.ReadAsync(ct) ? TaskResponseRows.Read(rows) : throw Problem.NotFound("task").AsException();
    }

    /// <summary>One page, and the cursor of the next one; null behind the last page.</summary>
    /// <param name="userId">Whose tasks.</param>
    /// <param name="filter">What narrows them.</param>
    /// <param name="page">Which page.</param>
    /// <param name="budget">How long it may be: it ends early where it would be longer.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<(List<TaskResponse> Tasks, TaskCursor? Next)> Page(
        Guid userId, TaskFilter filter, TaskPage page, PageBudget budget, CancellationToken ct)
    {
        var read = new Rows(page, budget);
        var (after, skip) = (page.After, page.Offset);
        if (page.Sort != TaskSort.DueDate)
        {
            await Read(userId, filter, read, after, DueDates.Any, skip, ct);
        }
        else
        {
            // Tasks without due date come last in both directions: a run of their own, so that each is a range of the index.
            if (after is null or { Key: not null })
            {
                await Read(userId, filter, read, after, DueDates.Set, skip, ct);
                if (skip > 0 && read.Tasks.Count == 0)
                {
                    skip -= (int)Math.Min(skip, await Count(userId, filter, DueDates.Set, ct));
                }
                else
                {
                    skip = 0;
                }

                after = null;
            }

            if (!read.More)
            {
                await Read(userId, filter, read, after, DueDates.Unset, skip, ct);
            }
        }

        return (read.Tasks, read.More ? new TaskCursor(page.Sort, page.Order, read.LastKey, read.Tasks[^1].Id) : null);
    }

    /// <summary>How many tasks match, all pages together.</summary>
    public Task<long> Count(Guid userId, TaskFilter filter, CancellationToken ct) => Count(userId, filter, DueDates.Any, ct);

    private async Task Read(Guid userId, TaskFilter filter, Rows into, TaskCursor? after, DueDates due, int offset, CancellationToken ct)
    {
        await using var command = database.CreateCommand();
        command.CommandText = TaskListStatement.Write(command.Parameters, userId, filter, into.Page, after, due, into.Wanted, offset, clock.GetUtcNow());
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (!into.More && await rows.ReadAsync(ct))
        {
            into.Add(rows);
        }
    }

    private async Task<long> Count(Guid userId, TaskFilter filter, DueDates due, CancellationToken ct)
    {
        await using var command = database.CreateCommand();
        var conditions = new TaskConditions(command.Parameters, userId, filter, clock.GetUtcNow());
        if (due == DueDates.Set)
        {
            conditions.And($"{conditions.DueAt} is not null");
        }

        command.CommandText = $"select count(*) from {conditions.From} where {conditions.Sql}";
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>What was read of a page.</summary>
    private sealed class Rows(TaskPage page, PageBudget budget)
    {
        // Of the last task: a text or a number; neither behind tasks without due date.
        private string? _text;
        private long? _number;

        public TaskPage Page => page;

        public List<TaskResponse> Tasks { get; } = new(page.Limit);

        /// <summary>The sort key of the page's last task.</summary>
        public string? LastKey => _text ?? _number?.ToString(CultureInfo.InvariantCulture);

        /// <summary>Whether tasks follow behind the page.</summary>
        public bool More { get; private set; }

        /// <summary>How many rows are still to be read: one more than asked for tells whether there is a next page.</summary>
        public int Wanted => page.Limit + 1 - Tasks.Count;

        public void Add(NpgsqlDataReader row)
        {
            if (Tasks.Count == page.Limit)
            {
                More = true;
                return;
            }

            var task = TaskResponseRows.Read(row);
            if (!budget.Add(TaskResponseRows.JsonSizeOf(task)))
            {
                More = true;
                return;
            }

            Tasks.Add(task);
            (_text, _number) = row.IsDBNull(TaskResponseRows.ColumnCount) ? (null, null) : KeyOf(row);
        }

        private (string?, long?) KeyOf(NpgsqlDataReader row) => page.Sort switch
        {
            TaskSort.Title => (row.GetString(TaskResponseRows.ColumnCount), null),
            TaskSort.Priority => (null, row.GetInt16(TaskResponseRows.ColumnCount)),
            _ => (null, row.GetFieldValue<DateTimeOffset>(TaskResponseRows.ColumnCount).UtcTicks),
        };
    }
}
