using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Problems;

namespace TodoFlow.Domain.Tasks;

/// <summary>What a task that is imported was before, apart from the fields that a client sets.</summary>
public sealed record ImportedState
{
    /// <summary>When it was completed; null where it is open.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When it was created; null where that is not known.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Its place in a series; null where it begins one, or has none.</summary>
    public ImportedPlace? Place { get; init; }
}

/// <summary>The place of an imported task in a series.</summary>
/// <param name="SeriesId">The series, by its id here.</param>
/// <param name="ParentTaskId">The occurrence before it, by its id here.</param>
/// <param name="Occurrence">Its number, from 1.</param>
/// <param name="Rhythm">The rhythm; null where it has left the series.</param>
public sealed record ImportedPlace(Guid SeriesId, Guid? ParentTaskId, int Occurrence, SeriesData? Rhythm);

/// <content>Tasks that come from a file.</content>
public sealed partial class TaskItem
{
    /// <summary>Makes a task of version 1 that was somewhere else before. Times that lie in the future are now.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="userId">Its owner.</param>
    /// <param name="edit">Its fields, checked; a title at least.</param>
    /// <param name="state">What it was.</param>
    /// <param name="now">The time of the import, UTC.</param>
    /// <exception cref="ProblemException">400: its recurrence does not fit its due date, or its rhythm does not fit its recurrence.</exception>
    public static (TaskItem Task, TaskCreated Created) Import(Guid id, Guid userId, TaskEdit edit, ImportedState state, DateTimeOffset now)
    {
        var (task, created) = Create(id, userId, edit, null, now);
        task.CreatedAt = Earlier(state.CreatedAt ?? now, now);
        if (state.CompletedAt is { } completed)
        {
            (task.Status, task.CompletedAt) = (TaskItemStatus.Completed, Earlier(completed, now));
            task.FieldVersions = new() { ["status"] = 1 }; // in which a completed task was completed
        }

        if (state.Place is { } place)
        {
            (task.SeriesId, task.ParentTaskId, task.Occurrence) = (place.SeriesId, place.ParentTaskId, place.Occurrence);
            if (task.Recurrence is not null)
            {
                task.SetRhythm(place.Rhythm, place.Occurrence);
            }
        }

        return (task, created);
    }

    /// <summary>Takes an imported task out of its series, which has another open occurrence.</summary>
    public void LeaveImportedSeries() => LeaveSeries();

    private void SetRhythm(SeriesData? rhythm, int occurrence)
    {
        if (rhythm is null)
        {
            AnchorOccurrence = occurrence; // it begins a rhythm of its own where it stands
            return;
        }

        var kind = WallTime.Of(DueDate!, TimeZoneInfo.FindSystemTimeZoneById(TimeZone)).AllDay;
        if (!WallTime.TryParse(rhythm.Anchor, out var anchor) || !WallTime.TryParse(rhythm.Scheduled, out var scheduled)
            || anchor.Value.AllDay != kind || scheduled.Value.AllDay != kind
            || rhythm.AnchorOccurrence < 1 || rhythm.AnchorOccurrence > occurrence)
        {
            throw Problem.Invalid("series", "must have an anchor and a scheduled time of the kind of due_date, and an anchor_occurrence up to occurrence").AsException();
        }

        (RecurrenceAnchor, Scheduled, AnchorOccurrence) = (anchor, scheduled, rhythm.AnchorOccurrence);
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => (one < other ? one : other).ToUniversalTime();
}
