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

    /// <summary>Makes the account if there is none. It has no password, and an address where the issuer names one and does not say that it is unverified.</summary>
    public async Task Ensure(Guid user, EmailAddress? email, string? timeZone, CancellationToken ct)
    {
        if (_seen.TryGetValue(user, out _))
        {
            return;
        }

        await using var db = await contexts.CreateDbContextAsync(ct);
        // Nobody can register under this "address", and the issuer's address takes none away from those who register here.
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into app_user (id, email, normalized_email, password_hash, time_zone, created_at)
            values ({user}, {email?.Address ?? ""}, {$"external:{user}"}, '', {timeZone ?? "UTC"}, {clock.GetUtcNow()})
            on conflict do nothing
            """,
            ct);
        _seen.Set(user, true, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Remembered });
    }

    /// <summary>Forgets that the account is there, because it was deleted.</summary>
    public void Forget(Guid user) => _seen.Remove(user);

    /// <inheritdoc/>
    public void Dispose() => _seen.Dispose();
}
