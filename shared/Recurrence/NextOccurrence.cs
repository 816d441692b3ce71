using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using TodoFlow.Events;
using TodoFlow.Persistence;
using TodoFlow.Tasks;

namespace TodoFlow.Recurrence;

/// <summary>
/// Lets the next occurrence follow when a recurring task is completed. Everything about it comes from the event, so it is the same
/// whenever the event arrives; the stored task only tells whether that completion still holds.
/// </summary>
/// <remarks>
/// Reopening removes an untouched next occurrence in its own transaction (<see cref="TaskStore"/>). Both lock the completed task's
/// row: whichever comes second sees what the first did. Only where the task is deleted before its events arrive nothing is left to
/// see; then the reopening's event removes what the completion's made.
/// </remarks>
public sealed partial class NextOccurrence(TimeProvider clock, ILogger<NextOccurrence> log) : IEventEffect
{
    /// <summary>The consumer group.</summary>
    public const string GroupName = "todoflow-recurrence";

    /// <inheritdoc/>
    public string Group => GroupName;

    /// <inheritdoc/>
    public bool Concerns(Event read) =>
        read is { Type: TaskCompleted.EventType or TaskReopened.EventType, Data: TaskEventData { Series: not null } };

    /// <inheritdoc/>
    public async Task Apply(TodoFlowDb db, IReadOnlyList<Event> events, CancellationToken ct)
    {
        foreach (var read in events)
        {
            if (read is not { Type: TaskCompleted.EventType or TaskReopened.EventType, Data: TaskEventData { Series: { } rhythm, TaskData: { SeriesId: { } series, Occurrence: { } occurrence } task } })
            {
                continue;
            }

            using var continued = read.Continue(nameof(NextOccurrence));
            var next = OccurrenceId.For(series, occurrence + 1);
            var stored = await LockStatusVersion(db, task.Id, ct);
            if (read.Type == TaskReopened.EventType)
            {
                if (stored is null)
                {
                    await Remove(db, next, ct);
                }
            }
            else if (stored is null || stored == task.Version)
            {
                await Create(db, next, task, rhythm, ct);
            }

            await db.SaveChangesAsync(ct); // a later event of the batch must see it
        }
    }

    private async Task Create(TodoFlowDb db, Guid id, TaskResponse completed, SeriesData rhythm, CancellationToken ct)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(completed.TimeZone);
        var due = DueDate.TryParse(completed.DueDate, out var parsed) ? parsed : throw new FormatException("The event's due_date is no due date.");
        var series = new RecurrenceSeries(
            RecurrenceRule.Parse(completed.Recurrence), completed.RecurrenceBasis, WallTime.Parse(rhythm.Anchor), zone);
        var current = new SeriesOccurrence(completed.Occurrence!.Value - rhythm.AnchorOccurrence + 1, WallTime.Parse(rhythm.Scheduled), due);
        if (series.Next(current, completed.CompletedAt!.Value) is not { } next)
        {
            LogEnded(completed.SeriesId!.Value, completed.Occurrence!.Value);
            return;
        }

        // The user may be gone; or the series has its head already: somebody reopened or made it otherwise.
        var hasHead = await db.Tasks.AnyAsync(
            task => task.Id == id || (task.SeriesId == completed.SeriesId && task.Status == TaskItemStatus.Pending && task.Recurrence != null), ct);
        if (hasHead || !await db.Users.AnyAsync(user => user.Id == completed.UserId, ct))
        {
            return;
        }

        var (task, fact) = TaskItem.Follow(completed, rhythm, next, clock.GetUtcNow());
        db.Add(task);
        db.Announce(fact);
    }

    private async Task Remove(TodoFlowDb db, Guid id, CancellationToken ct)
    {
        if (await db.Tasks.SingleOrDefaultAsync(task => task.Id == id, ct) is { IsUntouched: true } next)
        {
            db.Announce(next.Delete(clock.GetUtcNow()));
            db.Remove(next);
        }
    }

    // The version in which the task was completed; 0 while it is open; null where it is gone.
    private static async Task<long?> LockStatusVersion(TodoFlowDb db, Guid task, CancellationToken ct)
    {
        var found = await db.Database.SqlQuery<long>(
            $"""
            select case when status = 1 then (field_versions->>'status')::bigint else 0 end as "Value"
            from task_item where id = {task} for no key update
            """).ToListAsync(ct);
        return found.Count == 0 ? null : found[0];
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Series {Series} ends with occurrence {Occurrence}")]
    private partial void LogEnded(Guid series, int occurrence);
}
