using Microsoft.EntityFrameworkCore;
using TodoFlow.Domain.Notifications;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>Reads what users prefer.</summary>
public static class NotificationPreferences
{
    // Compiled: every new task with a due date asks.
    private static readonly Func<TodoFlowDb, Guid, CancellationToken, Task<NotificationPreference?>> Stored = EF.CompileAsyncQuery(
        (TodoFlowDb db, Guid user, CancellationToken ct) =>
            db.Set<NotificationPreference>().AsNoTracking().SingleOrDefault(preference => preference.UserId == user));

    private static readonly Func<TodoFlowDb, Guid[], IAsyncEnumerable<NotificationPreference>> StoredOfMany = EF.CompileAsyncQuery(
        (TodoFlowDb db, Guid[] users) => db.Set<NotificationPreference>().AsNoTracking().Where(preference => users.Contains(preference.UserId)));

    /// <summary>What applies to a user: what they said, or the defaults.</summary>
    public static async Task<NotificationPreference> ReadPreference(this TodoFlowDb db, Guid user, CancellationToken ct) =>
        await Stored(db, user, ct) ?? NotificationPreference.DefaultOf(user);

    /// <summary>What applies to each of some users: what they said, or the defaults. Nobody costs no round trip.</summary>
    public static async Task<List<NotificationPreference>> ReadPreferences(this TodoFlowDb db, Guid[] users, CancellationToken ct)
    {
        if (users.Length == 0)
        {
            return [];
        }

        var stored = await StoredOfMany(db, users).ToListAsync(ct);
        return [.. stored, .. users.Except(stored.Select(preference => preference.UserId)).Select(NotificationPreference.DefaultOf)];
    }

    /// <summary>What applies to each of some users and the zone that it is meant in; users who are gone are missing.</summary>
    public static async Task<Dictionary<Guid, Recipient>> ReadRecipients(this TodoFlowDb db, IReadOnlyCollection<Guid> users, CancellationToken ct)
    {
        var rows = await (
            from user in db.Users.AsNoTracking()
            where users.Contains(user.Id)
            join preference in db.Set<NotificationPreference>().AsNoTracking() on user.Id equals preference.UserId into stored
            from preference in stored.DefaultIfEmpty()
            select new { user.Id, user.TimeZone, Preference = preference }).ToListAsync(ct);
        return rows.ToDictionary(
            row => row.Id,
            row => new Recipient(row.Preference ?? NotificationPreference.DefaultOf(row.Id), TimeZoneInfo.FindSystemTimeZoneById(row.Preference?.TimeZone ?? row.TimeZone)));
    }
}
