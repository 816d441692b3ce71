using Npgsql;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Infrastructure.Reminders;

/// <summary>What the reminders of next occurrences follow from: the reminders of the occurrences before, and their users' times of day.</summary>
internal sealed class CarriedReminders
{
    // By task, the newest first.
    private readonly Dictionary<Guid, List<string>> _offsets = [];
    private readonly Dictionary<Guid, TimeOnly> _allDayTimes = [];

    /// <summary>Adds what asks for them to a batch, behind whatever locks the occurrences: nobody changes their reminders then.</summary>
    public static void Ask(NpgsqlBatch batch, IReadOnlyCollection<TaskResponse> occurrences)
    {
        // Each task with its user: of two lists PostgreSQL would look for every pair.
        var reminders = new NpgsqlBatchCommand(
            $"""
            select reminder.task_id, reminder.reminder_offset from unnest($1, $2) as occurrence (user_id, id)
            join reminder on reminder.user_id = occurrence.user_id and reminder.task_id = occurrence.id
            where not of_task and reminder_offset is not null and reason is distinct from '{ReminderReasons.ByUser}'
            order by reminder.created_at desc, reminder.id
            """);
        var tasks = occurrences.DistinctBy(occurrence => occurrence.Id).ToList();
        reminders.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. tasks.Select(task => task.UserId)] });
        reminders.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. tasks.Select(task => task.Id)] });
        batch.BatchCommands.Add(reminders);
        var times = new NpgsqlBatchCommand("select user_id, all_day_reminder_time from notification_preference where user_id = any($1)");
        times.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. tasks.Select(task => task.UserId).Distinct()] });
        batch.BatchCommands.Add(times);
    }

    /// <summary>Reads what <see cref="Ask"/> asked for, from the results behind the current one.</summary>
    public async Task Read(NpgsqlDataReader rows, CancellationToken ct)
    {
        await rows.NextResultAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var task = rows.GetGuid(0);
            if (!_offsets.TryGetValue(task, out var ofTask))
            {
                _offsets.Add(task, ofTask = []);
            }

            ofTask.Add(rows.GetString(1));
        }

        await rows.NextResultAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            _allDayTimes.Add(rows.GetGuid(0), rows.GetFieldValue<TimeOnly>(1));
        }
    }

    /// <summary>The reminders of an occurrence that is new, and follows one of those.</summary>
    public IEnumerable<(Reminder Reminder, ReminderScheduled Scheduled)> Of(TaskItem next)
    {
        var carried = _offsets.GetValueOrDefault(next.ParentTaskId!.Value) ?? [];
        return carried.Count == 0 && next.ReminderOffset is null // as most
            ? []
            : ReminderPlan.OfNext(next, carried, _allDayTimes.GetValueOrDefault(next.UserId, NotificationPreference.DefaultAllDayReminderTime));
    }
}
