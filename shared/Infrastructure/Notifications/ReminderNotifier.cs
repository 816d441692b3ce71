using Npgsql;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Persistence.Rows;
using TodoFlow.Messaging.Events;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>
/// Makes one notification of each reminder that fired, with one delivery for each channel that its user enabled and that can reach
/// them. What is delivered by being stored (<c>in_app</c>, <c>realtime</c>) is delivered here; the rest is left to the queue.
/// </summary>
/// <remarks>
/// A reminder that was snoozed, moved or cancelled since it fired is passed over: the firing is no longer the one that it names. So
/// is one whose user is gone. One whose task was completed meanwhile is cancelled.
/// </remarks>
public sealed class ReminderNotifier(ConfiguredChannels channels, NotificationMetrics metrics, TimeProvider clock) : IEventHandler
{
    /// <summary>The handler's name: <see cref="Group"/>.</summary>
    public const string GroupName = "todoflow-notifier";

    /// <summary>Why a reminder failed whose user enabled no channel that could reach them.</summary>
    public const string NoChannel = "no_channel";

    /// <inheritdoc/>
    public string Group => GroupName;

    /// <inheritdoc/>
    public bool ReachesPeople => true;

    /// <inheritdoc/>
    public bool Handles(Event read) => read is { Type: ReminderDue.EventType, Data: ReminderEventData { TaskData: not null } };

    /// <inheritdoc/>
    public async Task Handle(UnitOfWork work, IReadOnlyList<Event> events, CancellationToken ct)
    {
        var fired = events
            .Select(read => (Event: read, Data: (ReminderEventData)read.Data!))
            .ToList();
        var reminders = await Lock(work, [.. fired.Select(firing => firing.Data.ReminderId).Distinct()], ct);
        var recipients = await work.Db.ReadRecipients([.. fired.Select(firing => firing.Data.UserId).Distinct()], ct);
        var external = new List<(string Channel, IReadOnlySet<Guid> Reachable)>();
        foreach (var channel in channels.External)
        {
            var asked = recipients.Where(recipient => recipient.Value.Preference.Enables(channel.Name)).Select(recipient => recipient.Key).ToList();
            external.Add((channel.Name, asked.Count == 0 ? new HashSet<Guid>() : await channel.FindReachable(work.Db, asked, ct)));
        }

        var tasks = await NotifiedTasks.ReadTasks(work.Db, [.. fired.Select(firing => firing.Data.TaskId).Distinct()], ct); // as they are by now
        var made = new NewNotifications(work, clock.GetUtcNow());
        var unreachable = 0;
        foreach (var (read, data) in fired)
        {
            if (reminders.GetValueOrDefault(data.ReminderId) is not { Status: ReminderStatus.Pending } reminder
                || reminder.DueEventId != read.Id
                || !recipients.TryGetValue(reminder.UserId, out var recipient))
            {
                continue;
            }

            using var continued = read.Continue(nameof(ReminderNotifier));
            var task = tasks.TryGetValue(reminder.TaskId, out var stored) ? TaskResponse.From(stored) : data.TaskData!;
            if (task.Status == TaskItemStatus.Completed)
            {
                made.Cancel(reminder, task);
                continue;
            }

            var reaches = external.Where(channel => channel.Reachable.Contains(reminder.UserId)).Select(channel => channel.Channel);
            unreachable += made.Add(read.Id, reminder, task, recipient, [.. reaches]) ? 0 : 1;
        }

        made.Save();
        metrics.AddReminders(made.Count, reachable: true);
        metrics.AddReminders(unreachable, reachable: false);
        metrics.AddDelivery(Channels.InApp, "sent", made.Sent(Channels.InApp));
        metrics.AddDelivery(Channels.Realtime, "sent", made.Sent(Channels.Realtime));
    }

    // Whoever moves, cancels or sends a reminder locks it too; in the order of ids, so that none waits for the other in a circle.
    private static async Task<Dictionary<Guid, Reminder>> Lock(UnitOfWork work, Guid[] ids, CancellationToken ct)
    {
        await using var batch = work.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"select {ReminderRows.Columns} from reminder where id = any($1) order by id for no key update")
        {
            Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = ids } },
        });
        await using var rows = await batch.ExecuteReaderAsync(ct);
        return (await ReminderRows.ReadAll(rows, ct)).ToDictionary(reminder => reminder.Id);
    }
}
