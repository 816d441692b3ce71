using System.Text;
using Npgsql;

namespace TodoFlow.Infrastructure.Tasks;

/// <summary>How the tags of a filter are looked for.</summary>
internal enum TagUse
{
    /// <summary>They find the rows, in the order in which tasks were created or are due.</summary>
    Find,

    /// <summary>What they find is a list of ids, <see cref="TaskConditions.Tagged"/>, of which nothing is said in the condition.</summary>
    List,

    /// <summary>Something else finds the rows, and they narrow.</summary>
    Narrow,
}

/// <summary>Builds the part of a query that every list and search begins with: one user's tasks or tags, narrowed.</summary>
internal sealed class TaskConditions
{
    private readonly NpgsqlParameterCollection _parameters;
    private readonly StringBuilder _sql = new();

    /// <param name="parameters">Those of the statement.</param>
    /// <param name="userId">Whose tasks.</param>
    /// <param name="filter">What narrows them.</param>
    /// <param name="now">The instant that decides what is overdue.</param>
    /// <param name="tags">How the tags of the filter are looked for.</param>
    public TaskConditions(NpgsqlParameterCollection parameters, Guid userId, TaskFilter filter, DateTimeOffset now, TagUse tags = TagUse.Find)
    {
        _parameters = parameters;
        User = Parameter(userId);
        AddTags(filter.Tags ?? [], filter.TagsAny ?? [], tags);
        if (filter.Status is { } status)
        {
            And($"status = {Parameter((short)status)}");
        }

        if (filter.Priority is { } priority)
        {
            And($"priority = {Parameter((short)priority)}");
        }

        if (filter.PriorityAny is { } priorities)
        {
            And($"priority = any({Parameter(Array.ConvertAll(priorities, any => (short)any))})");
        }

        if (filter.DueBefore is { } before)
        {
            And($"{DueAt} < {Parameter(before.ToUniversalTime())}");
        }

        if (filter.DueFrom is { } from)
        {
            And($"{DueAt} >= {Parameter(from.ToUniversalTime())}");
        }

        if (filter.UpdatedAfter is { } after)
        {
            And($"updated_at > {Parameter(after.ToUniversalTime())}");
        }

        if (filter.Overdue is { } overdue)
        {
            // due_at is never after overdue_at: with it, the index on status and due date narrows first.
            var instant = Parameter(now.ToUniversalTime());
            And(overdue
                ? $"status = 0 and {DueAt} <= {instant} and overdue_at <= {instant}"
                : $"(status <> 0 or overdue_at is null or overdue_at > {instant})");
        }
    }

    /// <summary>The parameter that holds the user.</summary>
    public string User { get; }

    /// <summary>What the rows come from.</summary>
    public string From { get; private set; } = "task_item";

    /// <summary>The column that a sort by creation is by: where a tag finds the rows it is the tag's, whose index has that order.</summary>
    public string CreatedAt { get; private set; } = "created_at";

    /// <summary>The column of due dates, likewise.</summary>
    public string DueAt { get; private set; } = "due_at";

    /// <summary>The query of the ids that the filter's tags find; null where there are none, or they are looked for in another way.</summary>
    public string? Tagged { get; private set; }

    /// <summary>The column that breaks the ties of a sort, likewise.</summary>
    public string Id { get; private set; } = "id";

    /// <summary>The condition, without "where".</summary>
    public string Sql => _sql.Length == 0 ? "true" : _sql.ToString();

    /// <summary>Narrows further.</summary>
    public void And(string condition) => _sql.Append(_sql.Length == 0 ? "" : " and ").Append(condition);

    /// <summary>Adds a parameter, and gives its name in the statement.</summary>
    public string Parameter<T>(T value)
    {
        _parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return $"${_parameters.Count}";
    }

    private void AddTags(string[] all, string[] any, TagUse use)
    {
        if (use == TagUse.Narrow || (all.Length == 0 && any.Length == 0))
        {
            And($"user_id = {User}");
            if (all.Length > 0)
            {
                And($"tags @> {Parameter(all)}");
            }

            if (any.Length > 0)
            {
                And($"tags && {Parameter(any)}");
            }

            return;
        }

        // Of the task that has several of any of them, one row. Of what must be there as well, the ids are looked up in a table that PostgreSQL
        // makes of them first, which "is true" holds it to: to look at each task for it reads all that have the first tag where few have both.
        (all, any) = all.Length == 0 && any.Length == 1 ? (any, all) : (all, any);
        var (distinct, first) = all.Length > 0 ? ("", $"tag = {Parameter(all[0])}") : ("distinct ", $"tag = any({Parameter(any)})");
        var from = $"from task_tag where user_id = {User} and {first}";
        if (all.Length > 1)
        {
            from += Among($"tag = {Parameter(all[1])}");
        }

        if (all.Length > 0 && any.Length > 0)
        {
            from += Among($"tag = any({Parameter(any)})");
        }

        if (use == TagUse.List)
        {
            Tagged = $"select {distinct}task_id {from}";
            And($"user_id = {User}");
        }
        else
        {
            // Each is looked up by its id, which "offset 0" holds PostgreSQL to: it would read all tasks otherwise where it expects the tag on
            // many. The user is not asked for twice: it would take that for a second narrowing, expect less than a page, and read and sort all
            // that have the tag.
            From =
                $"(select {distinct}task_id as tagged_id, created_at as tagged_at, due_at as tagged_due {from}) as tagged " +
                "cross join lateral (select * from task_item where id = tagged_id offset 0) as task_item";
            (CreatedAt, DueAt, Id) = ("tagged_at", "tagged_due", "tagged_id");
        }

        if (all.Length > 2)
        {
            And($"tags @> {Parameter(all)}");
        }

        string Among(string tag) => $" and (task_id in (select task_id from task_tag where user_id = {User} and {tag})) is true";
    }
}
