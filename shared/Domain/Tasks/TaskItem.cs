using System.Text.Json.Serialization;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Json;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Recurrence;

namespace TodoFlow.Domain.Tasks;

/// <summary>Whether a task is still to be done.</summary>
/// <remarks>Stored as its number.</remarks>
[JsonConverter(typeof(SnakeCaseEnum<TaskItemStatus>))]
public enum TaskItemStatus
{
    /// <summary>To be done.</summary>
    Pending = 0,

    /// <summary>Done.</summary>
    Completed = 1,
}

/// <summary>How urgent a task is, ascending.</summary>
/// <remarks>Stored as its number, so that an index can sort by it.</remarks>
[JsonConverter(typeof(SnakeCaseEnum<TaskPriority>))]
public enum TaskPriority
{
    /// <summary>Can wait.</summary>
    Low = 0,

    /// <summary>The default.</summary>
    Medium = 1,

    /// <summary>First.</summary>
    High = 2,
}

/// <summary>
/// One task of one user. Its transitions change it, count its version up and return the event to raise,
/// or null where nothing changed.
/// </summary>
public sealed partial class TaskItem
{
    /// <summary>How many tags a task may have.</summary>
    public const int MaxTags = 50;

    // Whoever reads a stored task sets its fields, and checks nothing again.
    internal TaskItem()
    {
    }

    /// <summary>UUIDv7, made here or sent by the client.</summary>
    public Guid Id { get; internal set; }

    /// <summary>The owner.</summary>
    public Guid UserId { get; internal set; }

    /// <summary>1 to 500 characters, trimmed.</summary>
    public string Title { get; internal set; } = "";

    /// <summary>Up to 10,000 characters.</summary>
    public string? Description { get; internal set; }

    /// <summary>Whether it is done.</summary>
    public TaskItemStatus Status { get; internal set; }

    /// <summary>How urgent it is.</summary>
    public TaskPriority Priority { get; internal set; }

    /// <summary>Up to 50, each 1 to 50 characters, trimmed and distinct, in the order that they were given.</summary>
    public string[] Tags { get; internal set; } = [];

    /// <summary>When it is due, as the client wrote it.</summary>
    public DueDate? DueDate { get; internal set; }

    /// <summary>The instant of <see cref="DueDate"/> that lists sort and filter by; the start of the day of an all-day task.</summary>
    public DateTimeOffset? DueAt { get; internal set; }

    /// <summary>The instant from which it is overdue while pending; the end of the day of an all-day task.</summary>
    public DateTimeOffset? OverdueAt { get; internal set; }

    /// <summary>The IANA zone in which an all-day date and a recurrence are meant.</summary>
    public string TimeZone { get; internal set; } = "UTC";

    /// <summary>An alias or an RFC 5545 rule; null for a task that does not recur.</summary>
    public string? Recurrence { get; internal set; }

    /// <summary>What the recurrence counts from.</summary>
    public RecurrenceBasis RecurrenceBasis { get; internal set; }

    /// <summary>The occurrence that this one follows.</summary>
    public Guid? ParentTaskId { get; internal set; }

    /// <summary>The series of a recurring task: the id of its first occurrence, or another one where that had left its series.</summary>
    public Guid? SeriesId { get; internal set; }

    /// <summary>Its place in the series, from 1; null outside a series.</summary>
    public int? Occurrence { get; internal set; }

    /// <summary>How long before the due date a reminder fires, as the client wrote it.</summary>
    public string? ReminderOffset { get; internal set; }

    /// <summary>Counts every change from 1. The ETag.</summary>
    public long Version { get; internal set; }

    /// <summary>When it was created, UTC.</summary>
    public DateTimeOffset CreatedAt { get; internal set; }

    /// <summary>When it last changed, UTC.</summary>
    public DateTimeOffset UpdatedAt { get; internal set; }

    /// <summary>When it was completed, UTC; null while pending.</summary>
    public DateTimeOffset? CompletedAt { get; internal set; }

    /// <summary>The version in which each field last changed, for fields changed since creation: tells what a stale edit overwrote.</summary>
    public Dictionary<string, long> FieldVersions { get; internal set; } = [];

    /// <summary>SHA-256 of the request that created it under an id of the client's, so that a repeat is known as one.</summary>
    public byte[]? CreateDigest { get; internal set; }

    /// <summary>Makes a task of version 1.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="userId">Its owner.</param>
    /// <param name="edit">Its fields, checked; a title at least.</param>
    /// <param name="createDigest">What tells a repeated create from another one, where the client sent the id.</param>
    /// <param name="now">The time of creation, UTC.</param>
    public static (TaskItem Task, TaskCreated Created) Create(Guid id, Guid userId, TaskEdit edit, byte[]? createDigest, DateTimeOffset now)
    {
        var task = new TaskItem
        {
            Id = id,
            UserId = userId,
            Priority = TaskPriority.Medium,
            Version = 1,
            CreatedAt = now,
            UpdatedAt = now,
            CreateDigest = createDigest,
        };
        task.Set(edit);
        return (task, new TaskCreated(task));
    }

    /// <summary>Changes the fields that <paramref name="edit"/> names; the others stay.</summary>
    /// <param name="edit">The fields, checked.</param>
    /// <param name="baseVersion">The version that the client edited; an older one makes a conflict, recorded in the event.</param>
    /// <param name="now">The time of the change, UTC.</param>
    public TaskUpdated? Update(TaskEdit edit, long? baseVersion, DateTimeOffset now)
    {
        var before = TaskResponse.From(this);
        Set(edit);
        var changes = TaskChanges.Between(before, TaskResponse.From(this));
        if (changes.Count == 0)
        {
            return null;
        }

        var conflict = ConflictOf(baseVersion, changes);
        Touch(changes.Select(change => change.Field), now);
        return new TaskUpdated(this, changes) { Conflict = conflict };
    }

    /// <summary>Adds tags that it does not have, behind those that it has.</summary>
    /// <exception cref="ProblemException">400: it would have more than 50.</exception>
    public TaskUpdated? AddTags(IEnumerable<string> tags, DateTimeOffset now)
    {
        string[] all = [.. Tags.Union(tags, StringComparer.Ordinal)];
        return all.Length <= MaxTags
            ? Update(new TaskEdit { Tags = all }, null, now)
            : throw Problem.Invalid("tags", $"must not make more than {MaxTags} tags on a task").AsException();
    }

    /// <summary>Removes tags.</summary>
    public TaskUpdated? RemoveTags(IEnumerable<string> tags, DateTimeOffset now) =>
        Update(new TaskEdit { Tags = Tags.Except(tags, StringComparer.Ordinal).ToArray() }, null, now);

    /// <summary>Marks it done.</summary>
    /// <inheritdoc cref="Update"/>
    public TaskCompleted? Complete(DateTimeOffset now, long? baseVersion = null)
    {
        if (Status == TaskItemStatus.Completed)
        {
            return null;
        }

        var before = TaskResponse.From(this);
        (Status, CompletedAt) = (TaskItemStatus.Completed, now);
        var changes = TaskChanges.Between(before, TaskResponse.From(this));
        var conflict = ConflictOf(baseVersion, changes);
        Touch(["status"], now);
        return new TaskCompleted(this, changes) { Conflict = conflict };
    }

    /// <summary>Marks it to be done again. Where its series went on with <paramref name="next"/>, it leaves the series.</summary>
    /// <param name="next">The occurrence with which its series went on; null where there is none.</param>
    /// <param name="now">The time of the change, UTC.</param>
    /// <param name="baseVersion">The version that the client edited; an older one makes a conflict, recorded in the event.</param>
    public TaskReopened? Reopen(TaskItem? next, DateTimeOffset now, long? baseVersion = null)
    {
        if (Status == TaskItemStatus.Pending)
        {
            return null;
        }

        var before = TaskResponse.From(this);
        (Status, CompletedAt) = (TaskItemStatus.Pending, null);
        LeaveSeriesThatWentOn(next);
        var changes = TaskChanges.Between(before, TaskResponse.From(this));
        var conflict = ConflictOf(baseVersion, changes);
        Touch(changes.Select(change => change.Field).Where(field => field is "status" or "recurrence"), now); // those that clients set
        return new TaskReopened(this, changes) { Conflict = conflict };
    }

    /// <summary>Completes or reopens it, as <paramref name="status"/> says; null leaves it as it is.</summary>
    /// <inheritdoc cref="Reopen"/>
    public TaskEvent? SetStatus(TaskItemStatus? status, TaskItem? next, long? baseVersion, DateTimeOffset now) => status switch
    {
        TaskItemStatus.Completed => Complete(now, baseVersion),
        TaskItemStatus.Pending => Reopen(next, now, baseVersion),
        _ => null,
    };

    /// <summary>The event that it is gone; the caller moves it to the trash, or removes it.</summary>
    /// <param name="now">The time of the change, UTC.</param>
    /// <param name="keep">How long it stays in the trash; null where it is removed at once.</param>
    public TaskDeleted Delete(DateTimeOffset now, TimeSpan? keep = null)
    {
        Touch([], now);
        return new TaskDeleted(this, UpdatedAt + keep);
    }

    /// <summary>It comes back from the trash. Where its series has another open occurrence, it leaves the series.</summary>
    /// <param name="seriesHasHead">Whether another open occurrence of its series is stored.</param>
    /// <param name="now">The time of the change, UTC.</param>
    public TaskRestored Restore(bool seriesHasHead, DateTimeOffset now)
    {
        var before = TaskResponse.From(this);
        if (IsHead && seriesHasHead)
        {
            LeaveSeries();
        }

        var changes = TaskChanges.Between(before, TaskResponse.From(this));
        Touch(changes.Select(change => change.Field), now);
        return new TaskRestored(this, changes);
    }

    /// <summary>The event that it leaves the trash for good; the caller removes it.</summary>
    public TaskPurged Purge(DateTimeOffset now)
    {
        Touch([], now);
        return new TaskPurged(this);
    }

    private void Set(TaskEdit edit)
    {
        var before = (Recurrence, TimeZone);
        Title = edit.Title.Or(Title)!;
        Description = edit.Description.Or(Description);
        Priority = edit.Priority.Or(Priority);
        Tags = edit.Tags.Or(Tags);
        DueDate = edit.DueDate.Or(DueDate);
        TimeZone = edit.TimeZone.Or(TimeZone)!;
        Recurrence = edit.Recurrence.Or(Recurrence);
        RecurrenceBasis = edit.RecurrenceBasis.Or(RecurrenceBasis);
        ReminderOffset = edit.ReminderOffset.Or(ReminderOffset);
        if (Recurrence is not null && DueDate is null)
        {
            throw Problem.Invalid("due_date", "is required, since a recurring task counts from it").AsException();
        }

        var zone = TimeZoneInfo.FindSystemTimeZoneById(TimeZone);
        (DueAt, OverdueAt) = (DueDate?.DueAt(zone), DueDate?.OverdueAt(zone));
        SetSeries(before, edit.Rule?.StartIn(zone), zone);
    }

    // What others changed since the client looked, and this change changes again. To be asked before Touch.
    private TaskConflict? ConflictOf(long? baseVersion, IReadOnlyList<FieldChange> changes)
    {
        var overwritten = changes.Where(change => FieldVersions.GetValueOrDefault(change.Field) > baseVersion).ToList();
        return overwritten.Count == 0 ? null : new TaskConflict(baseVersion!.Value, overwritten);
    }

    private void Touch(IEnumerable<string> fields, DateTimeOffset now)
    {
        Version++;
        // Devices ask what changed since the last change that they saw, so each is later, though another pod's clock was ahead;
        // by a microsecond, which is what PostgreSQL keeps.
        var earliest = UpdatedAt.AddMicroseconds(1);
        UpdatedAt = now > earliest ? now : earliest;
        var versions = new Dictionary<string, long>(FieldVersions);
        foreach (var field in fields)
        {
            versions[field] = Version;
        }

        FieldVersions = versions;
    }
}
