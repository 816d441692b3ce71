using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Quotas;

namespace TodoFlow.Infrastructure.Notifications.WebPush;

/// <summary>Adds and removes the subscriptions of users.</summary>
public sealed class PushSubscriptions(UnitOfWork work, IOptions<WebPushSettings> settings, IOptions<QuotaSettings> quotas, TimeProvider clock)
{
    // A browser confirms its subscription whenever the application is opened there.
    private static readonly TimeSpan InUse = TimeSpan.FromHours(1);

    /// <summary>The longest endpoint, in characters.</summary>
    public const int LongestEndpoint = PushEndpoint.Longest;

    /// <summary>The latest end of a subscription, in milliseconds since 1970 UTC: in the year 9999.</summary>
    public const long LatestExpirationTime = 253_402_300_799_999;

    private const string NotConfigured = "web_push_not_configured";

    /// <summary>
    /// Stores what a browser subscribed with. One that is known is refreshed; where it was another user's, it is this user's now: the
    /// browser has one subscription, and somebody else signed in there.
    /// </summary>
    /// <param name="user">Who is signed in.</param>
    /// <param name="session">In which session; null where the token is of none.</param>
    /// <param name="endpoint">The push service's address for the browser.</param>
    /// <param name="p256dh">The browser's public key, base64url.</param>
    /// <param name="auth">The browser's authentication secret, base64url.</param>
    /// <param name="expirationTime">When the subscription ends, in milliseconds since 1970 UTC; null where that is not known.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The subscription, and whether it is new to this user.</returns>
    /// <exception cref="ProblemException">
    /// 400 that names each bad field; 409 <c>web_push_not_configured</c>; 403: the user has as many as they may, all of them confirmed within an hour.
    /// </exception>
    public async Task<(PushSubscriptionResponse Subscription, bool IsNew)> Add(
        Guid user, Guid? session, string endpoint, string p256dh, string auth, long? expirationTime, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var subscription = Read(user, endpoint, p256dh, auth, expirationTime, now);
        if (!settings.Value.IsConfigured)
        {
            throw Problem.Conflict(NotConfigured, "This server sends no Web Push.").AsException();
        }

        return await work.Run(async () =>
        {
            await work.Begin(ct);

            // One browser of a user after the other, or two might each leave the other's beyond the limit.
            await work.Db.Database.ExecuteSqlAsync($"select from app_user where id = {user} for no key update", ct);
            var stored = (await work.Db.Set<PushSubscription>().FromSql(
                $"""
                insert into push_subscription as kept (id, user_id, session_id, endpoint, p256dh, auth, expires_at, created_at, refreshed_at)
                values ({subscription.Id}, {user}, (select id from session where id = {session}), {endpoint}, {subscription.P256dh}, {subscription.Auth}, {subscription.ExpiresAt}, {now}, {now})
                on conflict (endpoint) do update set
                    id = case when kept.user_id = excluded.user_id then kept.id else excluded.id end,
                    created_at = case when kept.user_id = excluded.user_id then kept.created_at else excluded.created_at end,
                    user_id = excluded.user_id, session_id = excluded.session_id, p256dh = excluded.p256dh, auth = excluded.auth,
                    expires_at = excluded.expires_at, refreshed_at = excluded.refreshed_at
                returning *
                """).AsNoTracking().ToListAsync(ct))[0];
            var most = quotas.Value.PushSubscriptions;
            await work.Db.Database.ExecuteSqlAsync(
                $"""
                delete from push_subscription where refreshed_at < {now - InUse} and id in (
                    select id from push_subscription where user_id = {user} order by refreshed_at desc, id desc offset {most})
                """,
                ct);
            if (await work.Db.Set<PushSubscription>().CountAsync(other => other.UserId == user, ct) > most)
            {
                throw UserQuotas.Exceeded("push_subscriptions", most);
            }

            return (PushSubscriptionResponse.From(stored), stored.Id == subscription.Id);
        }, ct);
    }

    /// <summary>Removes a subscription of a user. Does nothing where there is none, or it is another user's.</summary>
    public Task Remove(Guid user, string endpoint, CancellationToken ct) =>
        work.Db.Set<PushSubscription>().Where(subscription => subscription.UserId == user && subscription.Endpoint == endpoint).ExecuteDeleteAsync(ct);

    /// <summary>Deletes the subscriptions that have expired.</summary>
    /// <returns>How many.</returns>
    public Task<int> Prune(DateTimeOffset now, CancellationToken ct) =>
        work.Db.Set<PushSubscription>().Where(subscription => subscription.ExpiresAt <= now).ExecuteDeleteAsync(ct);

    /// <summary>The key that browsers subscribe with.</summary>
    /// <exception cref="ProblemException">404 <c>web_push_not_configured</c>.</exception>
    public string PublicKey() =>
        settings.Value.Keys?.PublicKey ?? throw new Problem(404, NotConfigured, "This server sends no Web Push.").AsException();

    private PushSubscription Read(Guid user, string endpoint, string p256dh, string auth, long? expirationTime, DateTimeOffset now)
    {
        var (point, secret) = (CurvePoint.Decode(p256dh), CurvePoint.Decode(auth));
        DateTimeOffset? expiresAt = expirationTime is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
        var errors = new List<FieldError>();
        if (PushEndpoint.Error(endpoint, settings.Value.AllowPrivateEndpoints) is { } wrong)
        {
            errors.Add(new("endpoint", wrong));
        }

        if (expiresAt <= now)
        {
            errors.Add(new("expirationTime", "must be in the future"));
        }

        if (point is not { Length: CurvePoint.PublicBytes })
        {
            errors.Add(new("keys.p256dh", $"must be {CurvePoint.PublicBytes} bytes in base64url"));
        }
        else if (!CurvePoint.IsValid(point))
        {
            errors.Add(new("keys.p256dh", "must be an uncompressed point of the curve P-256"));
        }

        if (secret is not { Length: PushEncryption.AuthBytes })
        {
            errors.Add(new("keys.auth", $"must be {PushEncryption.AuthBytes} bytes in base64url"));
        }

        return errors.Count > 0 ? throw Problem.Invalid(errors).AsException() : new PushSubscription
        {
            Id = Guid.CreateVersion7(now),
            UserId = user,
            Endpoint = endpoint,
            P256dh = point!,
            Auth = secret!,
            ExpiresAt = expiresAt,
            CreatedAt = now,
            RefreshedAt = now,
        };
    }
}
