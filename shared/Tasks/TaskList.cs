using System.Globalization;
using Npgsql;
using TodoFlow.Problems;

namespace TodoFlow.Tasks;

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
        await using var command = database.CreateCommand($"select {TaskResponse.Columns} from task_item where id = $1 and user_id = $2");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = userId });
        await using var rows = await command.ExecuteReaderAsync(ct);
        return await rows.ReadAsync(ct) ? TaskResponse.Read(rows) : throw Problem.NotFound("task").AsException();
    }

    /// <summary>One page, and the cursor of the next one; null behind the last page.</summary>
    public async Task<(List<TaskResponse> Tasks, TaskCursor? Next)> Page(Guid userId, TaskFilter filter, TaskPage page, CancellationToken ct)
    {
        // One more than asked for tells whether there is a next page.
        var wanted = page.Limit + 1;
        var tasks = new List<(TaskResponse Task, string? Key)>(wanted);
        var (after, skip) = (page.After, page.Offset);
        if (page.Sort != TaskSort.DueDate)
        {
            await Read(userId, filter, page, after, Nulls.None, wanted, skip, tasks, ct);
        }
        else
        {
            // Tasks without due date come last in both directions: a run of their own, so that each is a range of the index.
            if (after is null or { Key: not null })
            {
                await Read(userId, filter, page, after, Nulls.Without, wanted, skip, tasks, ct);
                if (tasks.Count < wanted && skip > 0 && tasks.Count == 0)
                {
                    skip -= (int)Math.Min(skip, await Count(userId, filter, Nulls.Without, ct));
                }
                else
                {
                    skip = 0;
                }

                after = null;
            }

            if (tasks.Count < wanted)
            {
                await Read(userId, filter, page, after, Nulls.Only, wanted - tasks.Count, skip, tasks, ct);
            }
        }

        var more = tasks.Count == wanted;
        if (more)
        {
            tasks.RemoveAt(page.Limit);
        }

        var next = more ? new TaskCursor(page.Sort, page.Order, tasks[^1].Key, tasks[^1].Task.Id) : null;
        return (tasks.ConvertAll(row => row.Task), next);
    }

    /// <summary>How many tasks match, all pages together.</summary>
    public Task<long> Count(Guid userId, TaskFilter filter, CancellationToken ct) => Count(userId, filter, Nulls.None, ct);

    /// <summary>The column, or expression, that a sort is by.</summary>
    internal static string Column(TaskSort sort) => sort switch
    {
        TaskSort.CreatedAt => "created_at",
        TaskSort.UpdatedAt => "updated_at",
        TaskSort.DueDate => "due_at",
        TaskSort.Priority => "priority",
        TaskSort.Title => "lower(title)",
        _ => throw new ArgumentOutOfRangeException(nameof(sort)),
    };

    private async Task Read(
        Guid userId, TaskFilter filter, TaskPage page, TaskCursor? after, Nulls nulls, int limit, int offset, List<(TaskResponse Task, string? Key)> into, CancellationToken ct)
    {
        await using var command = database.CreateCommand();
        var conditions = new TaskConditions(command.Parameters, userId, filter, clock.GetUtcNow());
        var column = Column(page.Sort);
        var (direction, beyond) = page.Order == SortOrder.Asc ? ("asc", ">") : ("desc", "<");
        if (nulls != Nulls.None)
        {
            conditions.And(nulls == Nulls.Only ? "due_at is null" : "due_at is not null");
        }

        if (after is { Key: null })
        {
            conditions.And($"id {beyond} {conditions.Parameter(after.Id)}");
        }
        else if (after is not null)
        {
            conditions.And($"({column}, id) {beyond} ({Key(conditions, after)}, {conditions.Parameter(after.Id)})");
        }

        // Of one priority, that order is by id alone, whose index knows no user: "offset 0" keeps the planner from it.
        var source = page.Sort == TaskSort.Priority && filter.Priority is not null
            ? $"(select * from task_item where {conditions.Sql} offset 0) as task"
            : $"task_item where {conditions.Sql}";
        command.CommandText =
            $"select {TaskResponse.Columns}, {(nulls == Nulls.Only ? "null" : column)} from {source} " +
            $"order by {column} {direction}, id {direction} limit {conditions.Parameter(limit)}{(offset > 0 ? $" offset {conditions.Parameter(offset)}" : "")}";
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            into.Add((TaskResponse.Read(rows), rows.IsDBNull(TaskResponse.ColumnCount) ? null : KeyOf(rows, page.Sort)));
        }
    }

    private static string Key(TaskConditions conditions, TaskCursor after) => after.Sort switch
    {
        TaskSort.Title => conditions.Parameter(after.Key!),
        TaskSort.Priority => conditions.Parameter(short.Parse(after.Key!, CultureInfo.InvariantCulture)),
        _ => conditions.Parameter(new DateTimeOffset(long.Parse(after.Key!, CultureInfo.InvariantCulture), TimeSpan.Zero)),
    };

    private static string KeyOf(NpgsqlDataReader row, TaskSort sort) => sort switch
    {
        TaskSort.Title => row.GetString(TaskResponse.ColumnCount),
        TaskSort.Priority => row.GetInt16(TaskResponse.ColumnCount).ToString(CultureInfo.InvariantCulture),
        _ => row.GetFieldValue<DateTimeOffset>(TaskResponse.ColumnCount).UtcTicks.ToString(CultureInfo.InvariantCulture),
    };

    private async Task<long> Count(Guid userId, TaskFilter filter, Nulls nulls, CancellationToken ct)
    {
        await using var command = database.CreateCommand();
        var conditions = new TaskConditions(command.Parameters, userId, filter, clock.GetUtcNow());
        if (nulls == Nulls.Without)
        {
            conditions.And("due_at is not null");
        }

        command.CommandText = $"select count(*) from task_item where {conditions.Sql}";
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private enum Nulls
    {
        None,
        Without,
        Only,
    }
}
