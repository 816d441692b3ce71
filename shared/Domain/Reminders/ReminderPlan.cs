using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Domain.Reminders;

/// <summary>
/// What one task's reminders do when the task changes. What comes back after it had fired or was cancelled rings only if its instant
/// is still to come, and only while fewer than <see cref="Reminder.MaxPerTask"/> wait; what is planned for the first time, or waits
/// already, rings at once where its instant has passed.
/// </summary>
/// <param name="task">The task after the change.</param>
/// <param name="allDayTime">The time of day that the user's all-day tasks count from.</param>
/// <param name="now">The time of the change, UTC.</param>
internal sealed class ReminderPlan(TaskItem task, TimeOnly allDayTime, DateTimeOffset now)
{
    /// <summary>The reminders that are new.</summary>
    public List<Reminder> Added { get; } = [];

    /// <summary>The reminders that changed.</summary>
    public List<Reminder> Changed { get; } = [];

    /// <summary>What the rows of those told before.</summary>
    public List<ReminderStep> Steps { get; } = [];

    /// <summary>What happened, in its order.</summary>
    public List<ReminderEvent> Raised { get; } = [];

    private readonly TaskResponse _snapshot = TaskResponse.From(task);
    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(task.TimeZone);

    /// <summary>The reminder of a task that is new, with its event; none where the task asks for none, or has no due date.</summary>
    public static IEnumerable<(Reminder Reminder, ReminderScheduled Scheduled)> OfNew(TaskItem task, TimeOnly allDayTime)
    {
        if (task is { ReminderOffset: { } offset, DueDate: { } due })
        {
            var at = InstantOf(offset, due, TimeZoneInfo.FindSystemTimeZoneById(task.TimeZone), allDayTime);
            yield return New(task, TaskResponse.From(task), at, offset, ofTask: true, task.CreatedAt);
        }
    }

    /// <summary>The reminders of a task that is new and follows another occurrence: its own, and those before its due date that go with it.</summary>
    /// <param name="task">The task; it has a due date.</param>
    /// <param name="before">The offsets of the other occurrence's own reminders, the newest first.</param>
    /// <param name="allDayTime">The time of day that the user's all-day tasks count from.</param>
    public static IEnumerable<(Reminder Reminder, ReminderScheduled Scheduled)> OfNext(TaskItem task, IReadOnlyCollection<string> before, TimeOnly allDayTime)
    {
        foreach (var own in OfNew(task, allDayTime))
        {
            yield return own;
        }

        var (snapshot, zone) = (TaskResponse.From(task), TimeZoneInfo.FindSystemTimeZoneById(task.TimeZone));
        var carried = before.Select(offset => (Offset: offset, At: InstantOf(offset, task.DueDate!, zone, allDayTime)))
            .DistinctBy(reminder => reminder.At)
            .Take(Reminder.MaxPerTask - 1); // and the task's own
        foreach (var (offset, at) in carried)
        {
            yield return New(task, snapshot, at, offset, ofTask: false, task.CreatedAt);
        }
    }

    /// <summary>Plans a new reminder before the due date, which the task must have.</summary>
    public Reminder Schedule(string offset, bool ofTask) => Schedule(InstantOf(offset), offset, ofTask);

    /// <summary>Plans a new reminder.</summary>
    public Reminder Schedule(DateTimeOffset at, string? offset, bool ofTask)
    {
        var (reminder, scheduled) = New(task, _snapshot, at, offset, ofTask, now);
        Added.Add(reminder);
        Raised.Add(scheduled);
        return reminder;
    }

    /// <summary>The task is done, or gone: then what has fired and is on its way is cancelled, too.</summary>
    public void Cancel(IEnumerable<Reminder> reminders, string reason)
    {
        foreach (var reminder in reminders.Where(reminder =>
            reminder.IsWaiting || (reason == ReminderReasons.TaskDeleted && reminder.Status == ReminderStatus.Pending)))
        {
            Cancel(reminder, reason);
        }
    }

    /// <summary>The task, which is open, came back from the trash: what its deletion had cancelled waits again where its instant is to come.</summary>
    /// <param name="reminders">Its reminders.</param>
    public void Restore(IEnumerable<Reminder> reminders)
    {
        var waiting = 0;
        foreach (var reminder in reminders.Where(reminder => reminder.Reason == ReminderReasons.TaskDeleted && IsOfThisTask(reminder)))
        {
            var at = reminder is { Snoozed: false, ReminderOffset: { } offset } ? InstantOf(offset) : reminder.RemindAt;
            if (at > now && waiting++ < Reminder.MaxPerTask)
            {
                Plan(reminder, at, reminder.Snoozed ? ReminderSteps.Snoozed : ReminderSteps.Moved);
            }
        }
    }

    /// <summary>Whether reminders follow a change of a task.</summary>
    /// <param name="task">The task after the change.</param>
    /// <param name="fields">The fields that changed, by their names on the wire.</param>
    public static bool Follows(TaskItem task, IReadOnlySet<string> fields) =>
        fields.Overlaps(["status", "reminder_offset", "due_date"]) || (fields.Contains("time_zone") && task.DueDate is { AllDay: true });

    /// <summary>The task changed.</summary>
    /// <param name="reminders">Its reminders.</param>
    /// <param name="fields">The fields that changed, by their names on the wire.</param>
    public void Follow(IReadOnlyList<Reminder> reminders, IReadOnlySet<string> fields)
    {
        if (task.Status == TaskItemStatus.Completed)
        {
            Cancel(reminders, ReminderReasons.TaskCompleted);
        }
        else
        {
            Follow(reminders, fields.Overlaps(["due_date", "time_zone"]), fields.Contains("reminder_offset"));
        }
    }

    /// <summary>The task is open, and changed.</summary>
    /// <param name="reminders">Its reminders.</param>
    /// <param name="dueChanged">Whether its due date or zone was set anew, which overrides a snooze.</param>
    /// <param name="offsetChanged">Whether its own offset was set anew, which overrides that the user took the reminder back.</param>
    private void Follow(IReadOnlyList<Reminder> reminders, bool dueChanged, bool offsetChanged)
    {
        var own = reminders.Where(reminder => reminder.OfTask).MaxBy(reminder => reminder.CreatedAt);
        var waiting = reminders.Count(reminder => reminder.IsWaiting);
        foreach (var reminder in reminders.Where(reminder => !reminder.OfTask || reminder == own))
        {
            var wasWaiting = reminder.IsWaiting;
            Follow(reminder, dueChanged, offsetChanged && reminder.OfTask, mayComeBack: waiting < Reminder.MaxPerTask);
            waiting += (reminder.IsWaiting ? 1 : 0) - (wasWaiting ? 1 : 0);
        }

        if (own is null && task is { ReminderOffset: { } offset, DueDate: not null } && (dueChanged || offsetChanged || InstantOf(offset) > now))
        {
            Schedule(offset, ofTask: true);
        }
    }

    /// <summary>The user's all-day tasks count from another time of day: what waits moves.</summary>
    public void Move(IEnumerable<Reminder> reminders)
    {
        foreach (var reminder in reminders.Where(reminder => reminder.IsWaiting))
        {
            Follow(reminder, dueChanged: false, offsetChanged: false, mayComeBack: false);
        }
    }

    private void Follow(Reminder reminder, bool dueChanged, bool offsetChanged, bool mayComeBack)
    {
        var offset = reminder.OfTask ? task.ReminderOffset : reminder.ReminderOffset;
        if (reminder.ReminderOffset is not null && (offset is null || task.DueDate is null))
        {
            if (reminder.IsWaiting)
            {
                Cancel(reminder, offset is null ? ReminderReasons.OffsetCleared : ReminderReasons.DueDateCleared);
            }

            return;
        }

        var at = offset is null ? reminder.RemindAt : InstantOf(offset);
        var isElsewhere = reminder.Snoozed ? dueChanged || offsetChanged : at != reminder.RemindAt;
        if (reminder.IsWaiting ? isElsewhere : mayComeBack && at > now && ComesBack(reminder, isElsewhere, offsetChanged))
        {
            reminder.ReminderOffset = offset;
            Plan(reminder, at, ReminderSteps.Moved);
        }
        else if (reminder.IsWaiting && reminder.ReminderOffset != offset)
        {
            reminder.ReminderOffset = offset; // another text for the same time
            Changed.Add(reminder);
        }
    }

    private void Plan(Reminder reminder, DateTimeOffset at, string step)
    {
        Steps.AddRange(reminder.Plan(at, step, now));
        Changed.Add(reminder);
        Raised.Add(new ReminderScheduled(reminder, _snapshot, now));
    }

    private bool ComesBack(Reminder reminder, bool isElsewhere, bool offsetChanged) => reminder switch
    {
        { Status: not ReminderStatus.Cancelled } => isElsewhere, // it has fired, for the due date as it was
        { Reason: ReminderReasons.ByUser } => offsetChanged,
        { Reason: ReminderReasons.TaskDeleted } => isElsewhere && IsOfThisTask(reminder), // the task came back from the trash when its instant had passed
        _ => true,
    };

    // Not of a task that was deleted before, and had the same id.
    private bool IsOfThisTask(Reminder cancelled) => cancelled.UpdatedAt >= task.CreatedAt;

    private void Cancel(Reminder reminder, string reason)
    {
        reminder.Cancel(reason, now);
        Changed.Add(reminder);
        Raised.Add(new ReminderCancelled(reminder, _snapshot, now));
    }

    /// <summary>The instant that lies an offset before the due date, which the task must have.</summary>
    public DateTimeOffset InstantOf(string offset) => InstantOf(offset, task.DueDate!, _zone, allDayTime);

    private static DateTimeOffset InstantOf(string offset, DueDate due, TimeZoneInfo zone, TimeOnly allDayTime) => ReminderInstant.Before(
        due, zone, allDayTime,
        ReminderOffset.TryParse(offset, out var span) ? span.Value : throw new FormatException("A stored reminder_offset is none."));

    private static (Reminder Reminder, ReminderScheduled Scheduled) New(
        TaskItem task, TaskResponse snapshot, DateTimeOffset at, string? offset, bool ofTask, DateTimeOffset now)
    {
        var reminder = new Reminder
        {
            Id = Guid.CreateVersion7(now),
            TaskId = task.Id,
            UserId = task.UserId,
            RemindAt = at,
            DueAt = at,
            ReminderOffset = offset,
            OfTask = ofTask,
            CreatedAt = now,
            UpdatedAt = now,
            TraceParent = Telemetry.TraceParent,
        };
        return (reminder, new ReminderScheduled(reminder, snapshot, now));
    }
}
