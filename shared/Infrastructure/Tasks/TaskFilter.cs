using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Infrastructure.Tasks;

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

    /// <summary>By title as a reader expects it: letters first, then accents, then case (the root of Unicode's CLDR).</summary>
    Title,
}

/// <summary>Which of a user's tasks are wanted. What is null does not narrow.</summary>
public sealed record TaskFilter
{
    /// <summary>Of this status.</summary>
    public TaskItemStatus? Status { get; init; }

    /// <summary>Of this priority.</summary>
    public TaskPriority? Priority { get; init; }

    /// <summary>Of one of these priorities.</summary>
    public TaskPriority[]? PriorityAny { get; init; }

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
