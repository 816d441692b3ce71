using System.Text;
using System.Text.Json.Serialization;
using Npgsql;
using TodoFlow.Json;

namespace TodoFlow.Tasks;

/// <summary>What a list is sorted by.</summary>
[JsonConverter(typeof(SnakeCaseEnum<TaskSort>))]
public enum TaskSort
{
    /// <summary>When tasks were created.</summary>
    CreatedAt,

    /// <summary>When tasks last changed.</summary>
    UpdatedAt,

    /// <summary>When tasks are due; those without a due date come last in either order.</summary>
    DueDate,

    /// <summary>How urgent tasks are.</summary>
    Priority,

    /// <summary>By title, upper and lower case alike.</summary>
    Title,
}

/// <summary>The direction of a sort.</summary>
[JsonConverter(typeof(SnakeCaseEnum<SortOrder>))]
public enum SortOrder
{
    /// <summary>Ascending.</summary>
    Asc,

    /// <summary>Descending.</summary>
    Desc,
}

/// <summary>Which of a user's tasks are wanted. What is null does not narrow.</summary>
public sealed record TaskFilter
{
    /// <summary>Of this status.</summary>
    public TaskItemStatus? Status { get; init; }

    /// <summary>Of this priority.</summary>
    public TaskPriority? Priority { get; init; }

    /// <summary>With all of these tags.</summary>
    public string[]? Tags { get; init; }

    /// <summary>With at least one of these tags.</summary>
    public string[]? TagsAny { get; init; }

    /// <summary>Due before this instant.</summary>
    public DateTimeOffset? DueBefore { get; init; }

    /// <summary>Due at or after this instant.</summary>
    public DateTimeOffset? DueFrom { get; init; }

    /// <summary>Pending past the due date, or not.</summary>
    public bool? Overdue { get; init; }

    /// <summary>Changed after this instant.</summary>
    public DateTimeOffset? UpdatedAfter { get; init; }
}

/// <summary>Builds the part of a query that every list and search begins with: one user's tasks, narrowed.</summary>
internal sealed class TaskConditions
{
    private readonly NpgsqlParameterCollection _parameters;
    private readonly StringBuilder _sql = new();

    public TaskConditions(NpgsqlParameterCollection parameters, Guid userId, TaskFilter filter, DateTimeOffset now)
    {
        _parameters = parameters;
        _sql.Append("user_id = ").Append(Parameter(userId));
        if (filter.Status is { } status)
        {
            And($"status = {Parameter((short)status)}");
        }

        if (filter.Priority is { } priority)
        {
            And($"priority = {Parameter((short)priority)}");
        }

        if (filter.Tags is { Length: > 0 } tags)
        {
            And($"tags @> {Parameter(tags)}");
        }

        if (filter.TagsAny is { Length: > 0 } any)
        {
            And($"tags && {Parameter(any)}");
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

    public string Sql => _sql.ToString();

    public void And(string condition) => _sql.Append(" and ").Append(condition);

    public string Parameter<T>(T value)
    {
        _parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return $"${_parameters.Count}";
    }
}
