using System.Globalization;
using Npgsql;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Persistence.Rows;

namespace TodoFlow.Infrastructure.Tasks;

/// <summary>Whether the tasks of a list have due dates.</summary>
internal enum DueDates
{
    /// <summary>Some have, some have not.</summary>
    Any,

    /// <summary>All have.</summary>
    Set,

    /// <summary>None has.</summary>
    Unset,
}

/// <summary>
/// Writes the statement of one page of a list, so that it reads about a page: a range of an index that has the list's order, or of several
/// that are merged. Which lists read more is said in <c>docs/architecture.md</c>.
/// </summary>
internal static class TaskListStatement
{
    // Up to so many tasks with a tag are looked up one by one; more are found on the way through the user's tasks in the order that is
    // wanted, of which an index entry is read each: for a page of 50 among 10,000 both take the same time then.
    private const int FewTagged = 256;

    /// <summary>The column, or expression, that a sort is by.</summary>
    public static string Column(TaskSort sort, TaskConditions conditions) => sort switch
    {
        TaskSort.CreatedAt => conditions.CreatedAt,
        TaskSort.UpdatedAt => "updated_at",
        TaskSort.DueDate => conditions.DueAt,
        TaskSort.Priority => "priority",
        TaskSort.Title => "title collate title_order",
        _ => throw new ArgumentOutOfRangeException(nameof(sort)),
    };

    /// <summary>Writes it.</summary>
    /// <param name="parameters">Where its parameters go.</param>
    /// <param name="userId">Whose tasks.</param>
    /// <param name="filter">What narrows them.</param>
    /// <param name="page">The sort, and its direction.</param>
    /// <param name="after">Behind which task the page begins; null where it is the first.</param>
    /// <param name="due">Whether the tasks that are wanted have due dates.</param>
    /// <param name="wanted">How many rows.</param>
    /// <param name="offset">How many rows are skipped.</param>
    /// <param name="now">The instant that decides what is overdue.</param>
    /// <returns>Its text. Its rows are <see cref="TaskResponseRows"/>, and the key of the sort behind them.</returns>
    public static string Write(
        NpgsqlParameterCollection parameters, Guid userId, TaskFilter filter, TaskPage page, TaskCursor? after, DueDates due, int wanted, int offset, DateTimeOffset now)
    {
        var narrowed = page.Sort switch
        {
            TaskSort.Priority => filter with { Priority = null },
            TaskSort.DueDate => filter with { DueFrom = null, DueBefore = null },
            _ => filter,
        };
        var tagged = filter.Tags is { Length: > 0 } || filter.TagsAny is { Length: > 0 };
        var listed = tagged && page.Sort is not (TaskSort.CreatedAt or TaskSort.DueDate); // the orders that tags have indexes of
        var conditions = new TaskConditions(parameters, userId, narrowed, now, listed ? TagUse.List : TagUse.Find);
        AddBounds(conditions, page.Sort, filter);
        var column = Column(page.Sort, conditions);
        var (direction, beyond) = page.Order == SortOrder.Asc ? ("asc", ">") : ("desc", "<");
        if (due != DueDates.Any)
        {
            conditions.And($"{conditions.DueAt} is {(due == DueDates.Unset ? "" : "not ")}null");
        }

        if (after is { Key: null })
        {
            conditions.And($"{conditions.Id} {beyond} {conditions.Parameter(after.Id)}");
        }
        else if (after is not null)
        {
            conditions.And($"({column}, {conditions.Id}) {beyond} ({Key(conditions, after)}, {conditions.Parameter(after.Id)})");
        }

        var order = $"order by {column} {direction}, {conditions.Id} {direction}";
        if (listed)
        {
            return WriteListed(conditions, column, order, direction, wanted, offset);
        }

        // By due date there is an index for each status: a page of each is read, and merged.
        var source = page.Sort == TaskSort.DueDate && !tagged && filter is { Status: null, Overdue: not true }
            ? $"({OfStatus(0)} union all {OfStatus(1)}) as task_item"
            : $"{conditions.From} where {conditions.Sql}";
        return $"select {TaskResponseRows.Columns}, {(due == DueDates.Unset ? "null" : column)} from {source} {order} {PageLimit.Sql(wanted, offset)}";

        string OfStatus(int status) =>
            string.Create(CultureInfo.InvariantCulture, $"(select * from task_item where {conditions.Sql} and status = {status} {order} {PageLimit.Sql(wanted + offset)})");
    }

    // What narrows the column that the sort is by. PostgreSQL takes two bounds of one column for a narrow range, which it reads whole and sorts; of bounds
    // of the column and the id, which are an index's order, it expects enough to walk that index. Of one priority the order is by id alone, whose index
    // knows no user.
    private static void AddBounds(TaskConditions conditions, TaskSort sort, TaskFilter filter)
    {
        if (sort == TaskSort.Priority && filter.Priority is { } priority)
        {
            var only = conditions.Parameter((short)priority);
            conditions.And($"(priority, id) >= ({only}, '{Guid.Empty}') and (priority, id) <= ({only}, '{Guid.AllBitsSet}')");
        }

        if (sort == TaskSort.DueDate && filter.DueFrom is { } from)
        {
            conditions.And($"({conditions.DueAt}, {conditions.Id}) >= ({conditions.Parameter(from.ToUniversalTime())}, '{Guid.Empty}')");
        }

        if (sort == TaskSort.DueDate && filter.DueBefore is { } before)
        {
            conditions.And($"({conditions.DueAt}, {conditions.Id}) < ({conditions.Parameter(before.ToUniversalTime())}, '{Guid.Empty}')");
        }
    }

    // By tags in an order that their rows do not have. Which way is shorter is seen when the statement runs: the other one is not begun then.
    private static string WriteListed(TaskConditions conditions, string column, string order, string direction, int wanted, int offset)
    {
        var limit = PageLimit.Sql(wanted + offset);
        return
            $"""
            with tagged as materialized ({conditions.Tagged})
            select {TaskResponseRows.Columns}, sort from (
                (
                    select {column} as sort, id as found from task_item
                    where {conditions.Sql} and (id in (select task_id from tagged)) is true and (select count(*) from tagged) > {FewTagged} {order} {limit}
                ) union all (
                    select {column} as sort, id as found from tagged cross join lateral (select * from task_item where id = task_id offset 0) as task_item
                    where {conditions.Sql} and (select count(*) from tagged) <= {FewTagged} {order} {limit}
                ) order by sort {direction}, found {direction} {PageLimit.Sql(wanted, offset)}
            ) as page cross join lateral (select * from task_item where id = found offset 0) as task_item
            order by sort {direction}, found {direction}
            """;
    }

    private static string Key(TaskConditions conditions, TaskCursor after) => after.Sort switch
    {
        TaskSort.Title => conditions.Parameter(after.Key!),
        TaskSort.Priority => conditions.Parameter(short.Parse(after.Key!, CultureInfo.InvariantCulture)),
        _ => conditions.Parameter(new DateTimeOffset(long.Parse(after.Key!, CultureInfo.InvariantCulture), TimeSpan.Zero)),
    };
}
