using Microsoft.Extensions.Logging;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Infrastructure.Tasks;
using TodoFlow.Messaging.Events;

namespace TodoFlow.Infrastructure.Recurrence;

/// <summary>
/// Lets the next occurrence follow when a recurring task is completed. Everything about it comes from the event, so it is the same
/// whenever the event arrives; the stored task only tells whether that completion still holds.
/// </summary>
/// <remarks>
/// Reopening removes an untouched next occurrence in its own transaction (<see cref="TaskStore"/>). Both lock the completed task's
/// row: whichever comes second sees what the first did. Only where the task is deleted before its events arrive nothing is left to
/// see; then the reopening's event removes what the completion's made. A batch locks and asks once (<see cref="StoredSeries"/>), and
/// what it makes is stored at once at its end.
/// </remarks>
public sealed partial class NextOccurrence(OccurrenceIds ids, TimeProvider clock, ILogger<NextOccurrence> log) : IEventHandler
{
    /// <summary>The handler's name: <see cref="Group"/>.</summary>
    public const string GroupName = "todoflow-recurrence";

    /// <inheritdoc/>
    public string Group => GroupName;

    /// <inheritdoc/>
    public bool Handles(Event read) =>
        read is
        {
            Type: TaskCompleted.EventType or TaskReopened.EventType,
            Data: TaskEventData { Series: not null, TaskData: { SeriesId: not null, Occurrence: not null } },
        };

    /// <inheritdoc/>
    public async Task Handle(UnitOfWork work, IReadOnlyList<Event> events, CancellationToken ct)
    {
        var turns = events.Where(Handles).Select(read => (Event: read, Data: (TaskEventData)read.Data!)).ToList();
        var stored = await StoredSeries.Lock(work, await ids.Key(work, ct), [.. turns.Select(turn => turn.Data.TaskData)], ct);
        foreach (var (read, data) in turns)
        {
            using var continued = read.Continue(nameof(NextOccurrence));
            var (task, version) = (data.TaskData, stored.StatusVersionOf(data.TaskData.Id));
            if (read.Type == TaskReopened.EventType)
            {
                if (version is null)
                {
                    await Remove(work, task, stored, ct);
                }
            }
            else if ((version is null || version == task.Version) && Next(task, data.Series!) is { } next && stored.MayGoOnAfter(task))
            {
                var id = stored.FreeIdAfter(task, taken => ids.Clashed(taken, task.SeriesId!.Value, task.Occurrence!.Value + 1));
                var (following, created) = TaskItem.Follow(id, task, data.Series!, next, clock.GetUtcNow());
                work.Add(following, created, stored.Reminders.Of(following));
                stored.WentOnAfter(task, id);
            }
        }
    }

    private SeriesOccurrence? Next(TaskResponse completed, SeriesData rhythm)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(completed.TimeZone);
        var due = DueDate.TryParse(completed.DueDate, out var parsed) ? parsed : throw new FormatException("The event's due_date is no due date.");
        var series = new RecurrenceSeries(
            RecurrenceRule.Parse(completed.Recurrence), completed.RecurrenceBasis, WallTime.Parse(rhythm.Anchor), zone);
        var current = new SeriesOccurrence(completed.Occurrence!.Value - rhythm.AnchorOccurrence + 1, WallTime.Parse(rhythm.Scheduled), due);
        var next = series.Next(current, completed.CompletedAt!.Value);
        if (next is null)
        {
            LogEnded(completed.SeriesId!.Value, completed.Occurrence!.Value);
        }

        return next;
    }

    // Rare, so it asks by itself; the batch may have made what is to be removed.
    private async Task Remove(UnitOfWork work, TaskResponse reopened, StoredSeries stored, CancellationToken ct)
    {
        await work.Flush(ct);
        if (stored.NextOf(reopened) is { } id
            && await TaskReminders.Lock(work, reopened.UserId, id, withReminders: true, ct) is { Task.IsUntouched: true } next)
        {
            work.Raise(next.Task.Delete(clock.GetUtcNow()));
            TaskReminders.Remove(work, next.Task, next.Reminders);
            stored.WentBackTo(reopened, id);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Series {Series} ends with occurrence {Occurrence}")]
    private partial void LogEnded(Guid series, int occurrence);
}
