using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.DueWork;
using TodoFlow.Messaging.Outbox;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Retention;

/// <summary>How long is kept what only a repeat or a look back needs.</summary>
public sealed class HistorySettings : ISettings
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public static string Section => "History";

    /// <summary>Published events in the outbox; where PostgreSQL is the transport, those that every consumer group has read.</summary>
    public TimeSpan PublishedEvents { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// The consumer groups' memory of events. It must be longer than the topics' retention: whoever reads a topic again from its
    /// beginning must not handle an event twice.
    /// </summary>
    public TimeSpan ConsumedEvents { get; set; } = TimeSpan.FromDays(14);

    /// <summary>Reminders that were sent, failed or were cancelled, and that no change of their task brings back.</summary>
    public TimeSpan EndedReminders { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Notifications, read or not, with the traces of their deliveries.</summary>
    public TimeSpan Notifications { get; set; } = TimeSpan.FromDays(90);

    /// <inheritdoc/>
    public IEnumerable<string> Check() =>
        new[]
        {
            (nameof(PublishedEvents), PublishedEvents), (nameof(ConsumedEvents), ConsumedEvents),
            (nameof(EndedReminders), EndedReminders), (nameof(Notifications), Notifications),
        }
            .Where(setting => setting.Item2 < Shortest)
            .Select(setting => $"History:{setting.Item1} is {setting.Item2}; it must be at least {Shortest}.");
}

/// <summary>Deletes events and reminders that nobody needs any more, in batches that hold no lock for long. Dead letters stay.</summary>
public sealed class History([Background] NpgsqlDataSource database, IOptions<HistorySettings> settings, IOptions<DatabaseSettings> limits, TimeProvider clock) : IPruned
{
    private const int Batch = 5000;

    // Where PostgreSQL is the transport, a row may go when every group that reads its topic has passed it.
    private const string PublishedEvents =
        $"""
        delete from {OutboxEvent.Table} where event_id in (
            select event_id from {OutboxEvent.Table} as row
            where published_at < $1 and not exists (
                select from consumer_cursor as cursor
                where cursor.topic = row.topic and cursor.shard = row.shard and cursor.sequence < row.sequence)
            limit $2 for update skip locked)
        """;

    // RecordReminderAudit read in the group of RecordAudit once. A cursor that nobody moves would keep its events for ever; a process of
    // that version, which may be running still, reads what is kept again and knows the repeats.
    private const string FormerCursor = "delete from consumer_cursor where group_name = 'todoflow-audit' and topic = 'reminders'";

    private const string ConsumedEvents =
        """
        delete from inbox where (event_id, group_name) in (
            select event_id, group_name from inbox where consumed_at < $1 limit $2 for update skip locked)
        """;

    // A task that comes back from the trash brings its reminders with it. While its task is open, a relative reminder comes back when the due date moves, and goes along with the next occurrence; and
    // that the user took the task's own back must not be forgotten.
    private const string EndedReminders =
        """
        delete from reminder where id in (
            select id from reminder as ended
            where due_at is null and updated_at < $1 and not exists (select from trashed_task where user_id = ended.user_id and id = ended.task_id) and (
                reminder_offset is null or (reason = 'by_user' and not of_task)
                or not exists (select from task_item where id = ended.task_id and status = 0))
            limit $2 for update skip locked)
        """;

    /// <summary>Deletes reminders that are older than their setting says, with their steps. Safe on every instance at once.</summary>
    /// <returns>How many.</returns>
    public Task<long> PruneReminders(CancellationToken ct) => Delete(EndedReminders, clock.GetUtcNow() - settings.Value.EndedReminders, ct);

    /// <summary>Deletes events that are older than their settings say. Safe on every instance at once.</summary>
    /// <returns>How many rows.</returns>
    public async Task<long> Prune(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var former = database.CreateCommand(FormerCursor);
        await former.ExecuteNonQueryAsync(ct);
        return await Delete(PublishedEvents, now - settings.Value.PublishedEvents, ct)
            + await Delete(ConsumedEvents, now - settings.Value.ConsumedEvents, ct);
    }

    async Task<long> IPruned.Prune(CancellationToken ct) => await Prune(ct) + await PruneReminders(ct);

    private async Task<long> Delete(string sql, DateTimeOffset before, CancellationToken ct)
    {
        var (all, deleted) = (0L, 0);
        do
        {
            await using var command = database.CreateCommand(sql);
            command.CommandTimeout = limits.Value.MaintenanceSeconds;
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = before.ToUniversalTime() });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Batch });
            deleted = await command.ExecuteNonQueryAsync(ct);
            all += deleted;
        }
        while (deleted == Batch);
        return all;
    }
}
