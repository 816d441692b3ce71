using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>What narrows a search.</summary>
public sealed record TaskFilterRequest : TaskFilterFields
{
    /// <inheritdoc cref="TaskFilter.Status"/>
    public TaskItemStatus? Status { get; set; }

    /// <inheritdoc cref="TaskFilter.Priority"/>
    public TaskPriority? Priority { get; set; }

    /// <inheritdoc/>
    internal override TaskFilter ToFilter(string timeZone) => base.ToFilter(timeZone) with { Status = Status, Priority = Priority };
}

/// <summary>What narrows a list and a search alike.</summary>
public abstract record TaskFilterFields
{
    /// <inheritdoc cref="TaskFilter.Tags"/>
    [MaxLength(50), ItemLength(1, 50), Description("Only tasks with all of these tags.")]
    public string[]? Tags { get; set; }

    /// <inheritdoc cref="TaskFilter.TagsAny"/>
    [MaxLength(50), ItemLength(1, 50), Description("Only tasks with at least one of these tags.")]
    public string[]? TagsAny { get; set; }

    /// <inheritdoc cref="TaskFilter.DueBefore"/>
    [Description("Only tasks due before this instant, or before this day begins in the user's time zone.")]
    public DueDate? DueBefore { get; set; }

    /// <summary>Due after it.</summary>
    [Description("Only tasks due after this instant, or after this day has ended in the user's time zone.")]
    public DueDate? DueAfter { get; set; }

    /// <inheritdoc cref="TaskFilter.Overdue"/>
    [Description("Only tasks that are pending past their due date, or only others.")]
    public bool? Overdue { get; set; }

    /// <inheritdoc cref="TaskFilter.UpdatedAfter"/>
    [Description("Only tasks changed after this instant. What is committed late is behind it: a device that keeps a copy asks POST /api/sync.")]
    public DateTimeOffset? UpdatedAfter { get; set; }

    /// <summary>The filter, with days taken in the user's zone.</summary>
    internal virtual TaskFilter ToFilter(string timeZone)
    {
        var zone = ZoneIds.TryFind(timeZone, out var found) ? found : TimeZoneInfo.Utc;
        return new()
        {
            Tags = Tags is null ? null : TaskFields.Distinct(Tags),
            TagsAny = TagsAny is null ? null : TaskFields.Distinct(TagsAny),
            DueBefore = DueBefore?.DueAt(zone),
            // The store keeps microseconds: the first one after the instant is the first that is later.
            DueFrom = DueAfter is { AllDay: false } ? DueAfter.DueAt(zone).AddMicroseconds(1) : DueAfter?.OverdueAt(zone),
            Overdue = Overdue,
            UpdatedAfter = UpdatedAfter,
        };
    }
}
