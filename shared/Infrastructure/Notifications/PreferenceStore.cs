using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Persistence;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>Keeps what users prefer.</summary>
public sealed class PreferenceStore(TodoFlowDb db, ConfiguredChannels channels, DeliveryQueues deliveries, Caller caller, TimeProvider clock)
{
    /// <summary>What applies to the caller.</summary>
    public async Task<PreferencesResponse> Read(CancellationToken ct) => await Describe(await db.ReadPreference(caller.UserId, ct), ct);

    /// <summary>
    /// Changes what applies to the caller. What quiet hours deferred is deferred anew: until the end of those that hold now, or not
    /// at all. What is on its way over a channel that was disabled is not sent.
    /// </summary>
    /// <exception cref="ProblemException">401: the account was deleted.</exception>
    public async Task<PreferencesResponse> Change(Action<NotificationPreference> change, CancellationToken ct)
    {
        await using var transaction = await db.BeginOwn(ct);
        if (await Lock(ct) == 0)
        {
            throw Problem.AccountGone.AsException();
        }

        var preference = await db.Set<NotificationPreference>().SingleAsync(preference => preference.UserId == caller.UserId, ct);
        change(preference);
        var now = clock.GetUtcNow();
        preference.UpdatedAt = now;
        await db.SaveChangesAsync(ct);
        await DeferAnew(now, ct);
        if (transaction is not null)
        {
            await transaction.CommitAsync(ct);
        }

        deliveries.Kick();
        return await Describe(preference, ct);
    }

    // Two that change different fields at the same time follow each other.
    private Task<int> Lock(CancellationToken ct) => db.Database.ExecuteSqlAsync(
        $"""
        insert into notification_preference as stored (user_id, all_day_reminder_time, updated_at)
        select id, {NotificationPreference.DefaultAllDayReminderTime}, {clock.GetUtcNow()} from app_user where id = {caller.UserId}
        on conflict (user_id) do update set updated_at = stored.updated_at
        """,
        ct);

    private async Task DeferAnew(DateTimeOffset now, CancellationToken ct)
    {
        var recipients = await db.ReadRecipients([caller.UserId], ct);
        var until = recipients[caller.UserId].QuietUntil(now);
        await db.Database.ExecuteSqlAsync(
            $"update delivery set due_at = {until ?? now}, deferred_until = {until ?? now} where user_id = {caller.UserId} and status = 1", ct);
    }

    private async Task<PreferencesResponse> Describe(NotificationPreference preference, CancellationToken ct) =>
        PreferencesResponse.From(preference, await channels.StatesOf(db, preference, ct), await ZoneOfCaller(ct));

    private async Task<string> ZoneOfCaller(CancellationToken ct) =>
        await db.Users.Where(user => user.Id == caller.UserId).Select(user => user.TimeZone).SingleOrDefaultAsync(ct) ?? caller.TimeZone;
}
