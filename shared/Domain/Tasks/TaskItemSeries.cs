using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Recurrence;

namespace TodoFlow.Domain.Tasks;

/// <content>
/// The series of a recurring task. An open task that recurs is the head of its series, and the only one: completing it lets the next
/// occurrence follow, which is the head then.
/// </content>
public sealed partial class TaskItem
{
    /// <summary>The wall time that the rule counts from. Moving an occurrence leaves it alone; changing the rule or the zone sets it anew.</summary>
    public WallTime? RecurrenceAnchor { get; internal set; }

    /// <summary>The occurrence that stood at the anchor: what COUNT counts from where the basis is completion.</summary>
    public int? AnchorOccurrence { get; internal set; }

    /// <summary>The member of the series that this occurrence stands for, wherever its due date was moved.</summary>
    public WallTime? Scheduled { get; internal set; }

    /// <summary>Whether nobody has changed it since it was made.</summary>
    public bool IsUntouched => Version == 1 && Status == TaskItemStatus.Pending;

    /// <summary>Whether it is the open occurrence of a series.</summary>
    public bool IsHead => this is { Status: TaskItemStatus.Pending, Recurrence: not null };

    /// <summary>Whether its series may have gone on with another occurrence: one that <see cref="Reopen"/> must be told of.</summary>
    public bool MayHaveNext => this is { Status: TaskItemStatus.Completed, Recurrence: not null };

    /// <summary>Whether reopening this task takes <paramref name="next"/> back: it came of this task, and nobody has touched it.</summary>
    public bool TakesBack(TaskItem? next) => next is { IsUntouched: true } && next.ParentTaskId == Id;

    /// <summary>The occurrence that follows a completed one. It copies what the completed one was then.</summary>
    /// <param name="id">Its id: one of <see cref="OccurrenceId.ChoicesOf"/>.</param>
    /// <param name="completed">The completed occurrence.</param>
    /// <param name="rhythm">Its place in the rhythm.</param>
    /// <param name="next">When the next one is due.</param>
    /// <param name="now">The time of creation, UTC.</param>
    public static (TaskItem Task, TaskCreated Created) Follow(
        Guid id, TaskResponse completed, SeriesData rhythm, SeriesOccurrence next, DateTimeOffset now)
    {
        var (series, occurrence) = (completed.SeriesId!.Value, completed.Occurrence!.Value + 1);
        var edit = new TaskEdit
        {
            Title = completed.Title,
            Description = completed.Description,
            Priority = completed.Priority,
            Tags = completed.Tags,
            DueDate = next.Due,
            TimeZone = completed.TimeZone,
            Recurrence = completed.Recurrence,
            RecurrenceBasis = completed.RecurrenceBasis,
            ReminderOffset = completed.ReminderOffset,
        };
        var (task, created) = Create(id, completed.UserId, edit, null, now);
        task.ParentTaskId = completed.Id;
        (task.SeriesId, task.Occurrence) = (series, occurrence);
        (task.RecurrenceAnchor, task.AnchorOccurrence) = (WallTime.Parse(rhythm.Anchor), rhythm.AnchorOccurrence);
        task.Scheduled = next.Scheduled;
        return (task, created);
    }

    /// <summary>
    /// Moves it on to where the next occurrence would be due, without completing it: it stays the head of its series under the same number,
    /// and COUNT counts what it skipped as it counts what is missed. What is overdue is passed over, as completing it now would.
    /// </summary>
    /// <param name="now">The time of the change, UTC.</param>
    /// <exception cref="ProblemException">409: it does not recur, is completed, or its series ends with it.</exception>
    public TaskUpdated Skip(DateTimeOffset now)
    {
        if (Recurrence is null)
        {
            throw Problem.Conflict("task_not_recurring", "The task does not recur: there is no next occurrence to move on to.").AsException();
        }

        if (Status == TaskItemStatus.Completed)
        {
            throw Problem.Conflict("task_completed", "The task is completed: its series went on, or has ended.").AsException();
        }

        var zone = TimeZoneInfo.FindSystemTimeZoneById(TimeZone);
        var series = new RecurrenceSeries(RecurrenceRule.Parse(Recurrence), RecurrenceBasis, RecurrenceAnchor!.Value, zone);
        var current = new SeriesOccurrence(Occurrence!.Value - AnchorOccurrence!.Value + 1, Scheduled!.Value, DueDate!);
        var next = series.Next(current, now > DueAt ? now : DueAt!.Value)
            ?? throw Problem.Conflict("series_ended", "The task is the last of its series: complete it or delete it.").AsException();
        var before = TaskResponse.From(this);
        (DueDate, Scheduled) = (next.Due, next.Scheduled);
        (DueAt, OverdueAt) = (next.Due.DueAt(zone), next.Due.OverdueAt(zone));
        var changes = TaskChanges.Between(before, TaskResponse.From(this));
        Touch(changes.Select(change => change.Field), now);
        return new TaskUpdated(this, changes);
    }

    /// <summary>Refuses a DTSTART that is a date where the due date is a time, and the reverse: every occurrence is of one kind.</summary>
    /// <exception cref="ProblemException">400: they differ.</exception>
    public static void RequireOneKind(WallTime? start, WallTime due)
    {
        if (start is { } begins && begins.AllDay != due.AllDay)
        {
            throw Problem.Invalid("recurrence", $"must be a rule: DTSTART: must be {(due.AllDay ? "a date" : "a time")}, as due_date is").AsException();
        }
    }

    /// <summary>Its place in the rhythm of its series, for events; null outside a series.</summary>
    internal SeriesData? ToSeriesData() => RecurrenceAnchor is { } anchor && AnchorOccurrence is { } occurrence && Scheduled is { } scheduled
        ? new SeriesData(anchor.ToString(), occurrence, scheduled.ToString())
        : null;

    private void SetSeries((string? Recurrence, string TimeZone) before, WallTime? start, TimeZoneInfo zone)
    {
        if (Recurrence is null)
        {
            (RecurrenceAnchor, AnchorOccurrence, Scheduled) = (null, null, null);
            return;
        }

        var due = WallTime.Of(DueDate!, zone);
        RequireOneKind(start, due);
        var anchor = start ?? due;
        if (before.Recurrence is null)
        {
            // A task that was in a series before may have successors in it: it begins another one.
            (SeriesId, Occurrence) = (SeriesId is null ? Id : Guid.CreateVersion7(), 1);
            (RecurrenceAnchor, AnchorOccurrence, Scheduled) = (anchor, 1, due);
        }
        else if (before.TimeZone != TimeZone || !RecurrenceRule.HaveOneRhythm(before.Recurrence, Recurrence) || (start is not null && start != RecurrenceAnchor))
        {
            (RecurrenceAnchor, AnchorOccurrence, Scheduled) = (anchor, Occurrence, due);
        }
        else
        {
            // A move leaves the rhythm alone. Becoming all-day or timed does not: every occurrence is of one kind.
            (RecurrenceAnchor, Scheduled) = (RecurrenceAnchor!.Value.InKindOf(due), Scheduled!.Value.InKindOf(due));
        }
    }

    // Somebody has worked on the next occurrence, or it is done: it stays the head of the series, and this becomes a task of its own.
    private void LeaveSeriesThatWentOn(TaskItem? next)
    {
        if (next is not null && !TakesBack(next))
        {
            LeaveSeries();
        }
    }

    private void LeaveSeries() => (Recurrence, RecurrenceAnchor, AnchorOccurrence, Scheduled) = (null, null, null, null);
}
