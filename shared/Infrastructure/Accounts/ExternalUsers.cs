using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using TodoFlow.Domain.Accounts;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>The accounts of users who sign in with the external issuer.</summary>
public sealed class ExternalUsers(IDbContextFactory<TodoFlowDb> contexts, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    // Whose account is known to be there, so that not each request asks the database.
    private readonly MemoryCache _seen = new(new MemoryCacheOptions { SizeLimit = 100_000 });

    /// <summary>
    /// Makes the account if there is none. It has no password, and an address where the issuer names one and does not say that it is
    /// unverified; a later token's address takes its place.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="email">The address; null where the token names none.</param>
    /// <param name="verified">Whether the issuer says that mail to it reaches the user.</param>
    /// <param name="timeZone">The IANA zone of the user's days; null where the token names none.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task Ensure(Guid user, EmailAddress? email, bool verified, string? timeZone, CancellationToken ct)
    {
        var seen = (email?.Address, verified);
        if (_seen.TryGetValue(user, out (string?, bool) before) && before == seen)
        {
            return;
        }

        await using var db = await contexts.CreateDbContextAsync(ct);
        var now = clock.GetUtcNow();
        var verifiedAt = verified ? now : (DateTimeOffset?)null;
        // Nobody can register under this "address", and the issuer's address takes none away from those who register here.
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into app_user as stored (id, email, normalized_email, password_hash, time_zone, created_at, email_verified_at)
            values ({user}, {email?.Address ?? ""}, {$"external:{user}"}, '', {timeZone ?? "UTC"}, {now}, {verifiedAt})
            on conflict (id) do update set
                email = excluded.email,
                email_verified_at = case when stored.email = excluded.email then coalesce(stored.email_verified_at, excluded.email_verified_at) else excluded.email_verified_at end
            where excluded.email <> '' and (stored.email <> excluded.email or stored.email_verified_at is null and excluded.email_verified_at is not null)
            """,
            ct);
        _seen.Set(user, seen, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Remembered });
    }

    /// <summary>Forgets that the account is there, because it was deleted.</summary>
    public void Forget(Guid user) => _seen.Remove(user);

    /// <inheritdoc/>
    public void Dispose() => _seen.Dispose();
}
