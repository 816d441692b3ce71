using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>
/// The sessions that a sign-in begins: an access token and a refresh token, which is exchanged for the next pair. The
/// refresh tokens of one sign-in are a family. Each serves once; a used one that comes again was copied, so its whole
/// family is revoked (RFC 9700 section 4.14.2).
/// </summary>
/// <remarks>
/// Of two requests that exchange one token at the same moment exactly one wins. The other saw the token unused, so it
/// is a race and no reuse: it is refused, and the family lives. There is no period of grace beyond that; a client whose
/// answer was lost repeats the request with its <c>Idempotency-Key</c>.
/// </remarks>
public sealed class Sessions(
    UnitOfWork work, IDbContextFactory<TodoFlowDb> contexts, LocalIssuer issuer, Caller caller, IOptions<AuthSettings> settings, TimeProvider clock)
{
    private const int TokenBytes = 32;

    /// <summary>Begins a session for a user whose password was checked; they are the request's caller from here on.</summary>
    /// <exception cref="ProblemException">404: nobody signs in here.</exception>
    public async Task<TokenResponse> Start(User user, CancellationToken ct)
    {
        var (token, digest) = NewToken();
        var now = clock.GetUtcNow();
        work.Db.Add(new RefreshToken
        {
            Digest = digest,
            UserId = user.Id,
            FamilyId = Guid.CreateVersion7(now),
            CreatedAt = now,
            ExpiresAt = now + settings.Value.RefreshTokenLifetime,
        });
        await work.Db.SaveChangesAsync(ct);
        return Response(user.Id, user.TimeZone, token);
    }

    /// <summary>Exchanges a refresh token for the next pair.</summary>
    /// <exception cref="ProblemException">
    /// 401 <c>refresh_token_invalid</c> where it is unknown, expired or revoked, <c>refresh_token_reused</c> where it was
    /// exchanged before: then its family is revoked, whatever becomes of the caller's transaction. 404: nobody signs in here.
    /// </exception>
    public async Task<TokenResponse> Refresh(string refreshToken, CancellationToken ct)
    {
        var used = Digest(refreshToken);
        var now = clock.GetUtcNow();
        var found = await (
            from token in work.Db.RefreshTokens
            join user in work.Db.Users on token.UserId equals user.Id
            where token.Digest == used
            select new { token.UserId, token.FamilyId, token.UsedAt, token.ExpiresAt, user.TimeZone }).SingleOrDefaultAsync(ct);
        if (found is { UsedAt: not null })
        {
            await using var own = await contexts.CreateDbContextAsync(ct); // commits although the request fails
            await Revoke(own, found.FamilyId, ct);
            throw Reused().AsException();
        }

        if (found is null || found.ExpiresAt <= now)
        {
            throw new Problem(401, "refresh_token_invalid", "The refresh token is unknown, expired or revoked; sign in again.").AsException();
        }

        var (next, digest) = NewToken();
        var exchanged = await work.Db.Database.ExecuteSqlAsync(
            $"""
            with used as (
                update refresh_token set used_at = {now} where digest = {used} and used_at is null returning user_id, family_id)
            insert into refresh_token (digest, user_id, family_id, created_at, expires_at)
            select {digest}, user_id, family_id, {now}, {now + settings.Value.RefreshTokenLifetime} from used
            """,
            ct);
        return exchanged == 1 ? Response(found.UserId, found.TimeZone, next) : throw Reused().AsException();
    }

    /// <summary>Ends the session that a refresh token belongs to. Does nothing where it is unknown.</summary>
    public async Task End(string refreshToken, CancellationToken ct)
    {
        var digest = Digest(refreshToken);
        if (await work.Db.RefreshTokens.AsNoTracking().SingleOrDefaultAsync(token => token.Digest == digest, ct) is { } found)
        {
            await Revoke(work.Db, found.FamilyId, ct);
        }
    }

    /// <summary>Deletes the refresh tokens that have expired. Used ones stay until then, so that their reuse is noticed.</summary>
    /// <returns>How many.</returns>
    public Task<int> Prune(DateTimeOffset now, CancellationToken ct) =>
        work.Db.RefreshTokens.Where(token => token.ExpiresAt <= now).ExecuteDeleteAsync(ct);

    // An exchange under way may add a token that the deletion does not see, but it holds the token before, for which the
    // deletion waits: the next round sees what it added. A round that finds nothing is the end.
    private static async Task Revoke(TodoFlowDb db, Guid family, CancellationToken ct)
    {
        while (await db.RefreshTokens.Where(token => token.FamilyId == family).ExecuteDeleteAsync(ct) > 0)
        {
        }
    }

    private TokenResponse Response(Guid user, string timeZone, string refreshToken)
    {
        caller.SignIn(user, timeZone);
        return new(issuer.CreateToken(user, timeZone), refreshToken, "Bearer", (int)issuer.Lifetime.TotalSeconds);
    }

    private static (string Token, byte[] Digest) NewToken()
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        return (token, Digest(token));
    }

    // 256 random bits cannot be guessed from their digest: it needs neither salt nor slowness.
    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static Problem Reused() =>
        new(401, "refresh_token_reused", "The refresh token was exchanged before; use the one that came in its place, or sign in again.");
}

/// <summary>What a sign-in returns (RFC 6749 section 5.1).</summary>
/// <param name="AccessToken">A JWT for the header <c>Authorization: Bearer</c>.</param>
/// <param name="RefreshToken">Serves once, for the next pair.</param>
/// <param name="TokenType">Always <c>Bearer</c>.</param>
/// <param name="ExpiresIn">How long the access token serves, in seconds.</param>
public sealed record TokenResponse(string AccessToken, string RefreshToken, string TokenType, int ExpiresIn);
