using System.Text;
using Npgsql;

namespace TodoFlow.Infrastructure.Tasks;

/// <summary>Builds the part of a query that every list and search begins with: one user's tasks or tags, narrowed.</summary>
internal sealed class TaskConditions
{
    private readonly NpgsqlParameterCollection _parameters;
    private readonly StringBuilder _sql = new();

    /// <param name="parameters">Those of the statement.</param>
    /// <param name="userId">Whose tasks.</param>
    /// <param name="filter">What narrows them.</param>
    /// <param name="now">The instant that decides what is overdue.</param>
    /// <param name="byTag">Whether a tag of the filter finds the rows; otherwise something else does, and tags narrow.</param>
    public TaskConditions(NpgsqlParameterCollection parameters, Guid userId, TaskFilter filter, DateTimeOffset now, bool byTag = true)
    {
        _parameters = parameters;
        User = Parameter(userId);
        AddTags(filter.Tags ?? [], filter.TagsAny ?? [], byTag);
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
            And($"due_at < {Parameter(before.ToUniversalTime())}");
        }

        if (filter.DueFrom is { } from)
        {
            And($"due_at >= {Parameter(from.ToUniversalTime())}");
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
                ? $"status = 0 and due_at <= {instant} and overdue_at <= {instant}"
                : $"(status <> 0 or overdue_at is null or overdue_at > {instant})");
        }
    }

    /// <summary>The parameter that holds the user.</summary>
    public string User { get; }

    /// <summary>What the rows come from. Those with a tag come in the order in which they were created.</summary>
    public string From { get; private set; } = "task_item";

    /// <summary>The column that a sort by creation is by: where a tag finds the rows it is the tag's, whose index has that order.</summary>
    public string CreatedAt { get; private set; } = "created_at";

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

    private void AddTags(string[] all, string[] any, bool byTag)
    {
        var finding = !byTag ? [] : all.Length > 0 ? all[..1] : any;
        if (finding.Length > 0)
        {
            // A task that has several of them is still one. Each is looked up by its id, which "offset 0" holds PostgreSQL to: it would read all
            // tasks otherwise where it expects the tag on many. The user is not asked for twice: it would take that for a second narrowing,
            // expect less than a page, and read and sort all that have the tag.
            var rows = finding.Length == 1
                ? $"select task_id as tagged_id, created_at as tagged_at from task_tag where user_id = {User} and tag = {Parameter(finding[0])}"
                : $"select distinct task_id as tagged_id, created_at as tagged_at from task_tag where user_id = {User} and tag = any({Parameter(finding)})";
            From = $"({rows}) as tagged cross join lateral (select * from task_item where id = tagged_id offset 0) as task_item";
            (CreatedAt, Id) = ("tagged_at", "tagged_id");
        }
        else
        {
            And($"user_id = {User}");
        }

        if (all.Length > 1 || (all.Length == 1 && finding.Length == 0))
        {
            And($"tags @> {Parameter(all)}");
        }

        if (any.Length > 0 && !ReferenceEquals(finding, any))
        {
            And($"tags && {Parameter(any)}");
        }
    }
}
