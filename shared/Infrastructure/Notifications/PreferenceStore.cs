using Microsoft.EntityFrameworkCore;
using Npgsql;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>Keeps what users prefer.</summary>
public sealed class PreferenceStore(UnitOfWork work, ConfiguredChannels channels, DeliveryQueues deliveries, Caller caller, TimeProvider clock)
{
    /// <summary>What applies to the caller.</summary>
    public async Task<PreferencesResponse> Read(CancellationToken ct) => await Describe(await work.Db.ReadPreference(caller.UserId, ct), ct);

    /// <summary>
    /// Changes what applies to the caller. What quiet hours deferred is deferred anew: until the end of those that hold now, or not
    /// at all. What is on its way over a channel that was disabled is not sent.
    /// </summary>
    /// <exception cref="ProblemException">401: the account was deleted.</exception>
    public async Task<PreferencesResponse> Change(Action<NotificationPreference> change, CancellationToken ct)
    {
        var preference = await work.Run(
            async () =>
            {
                await work.Begin(ct);
                await Lock(ct);
                var stored = await work.Db.Set<NotificationPreference>().SingleOrDefaultAsync(preference => preference.UserId == caller.UserId, ct)
                    ?? throw Problem.AccountGone.AsException();
                var now = clock.GetUtcNow();
                var before = stored.AllDayReminderTime;
                change(stored);
                stored.UpdatedAt = now;
                await work.Db.SaveChangesAsync(ct);
                if (stored.AllDayReminderTime != before)
                {
                    await TaskReminders.MoveAllDay(work, stored, ct);
                }

                await DeferAnew(now, ct);
                return stored;
            },
            ct);
        deliveries.Kick();
        return await Describe(preference, ct);
    }

    // Two that change different fields at the same time follow each other; and whoever adds a task that depends on them comes before or after.
    private async Task Lock(CancellationToken ct)
    {
        await using var batch = work.CreateBatch();
        batch.BatchCommands.Add(TaskPreferences.Exclusive(caller.UserId));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            """
            insert into notification_preference as stored (user_id, all_day_reminder_time, updated_at)
            select id, $2, $3 from app_user where id = $1
            on conflict (user_id) do update set updated_at = stored.updated_at
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = caller.UserId },
                new NpgsqlParameter<TimeOnly> { TypedValue = NotificationPreference.DefaultAllDayReminderTime },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() },
            },
        });
        await batch.ExecuteNonQueryAsync(ct);
    }

    private async Task DeferAnew(DateTimeOffset now, CancellationToken ct)
    {
        var recipients = await work.Db.ReadRecipients([caller.UserId], ct);
        var until = recipients[caller.UserId].QuietUntil(now);
        await work.Db.Database.ExecuteSqlAsync(
            $"update delivery set due_at = {until ?? now}, deferred_until = {until ?? now} where user_id = {caller.UserId} and status = 1", ct);
    }

    private async Task<PreferencesResponse> Describe(NotificationPreference preference, CancellationToken ct) =>
        PreferencesResponse.From(preference, await channels.StatesOf(work.Db, preference, ct), await ZoneOfCaller(ct));

    private async Task<string> ZoneOfCaller(CancellationToken ct) =>
        await work.Db.Users.Where(user => user.Id == caller.UserId).Select(user => user.TimeZone).SingleOrDefaultAsync(ct) ?? caller.TimeZone;
}
