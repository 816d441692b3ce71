using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Notifications;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>
/// The sessions that a sign-in begins: an access token and a refresh token, which is exchanged for the next pair. Each refresh token
/// serves once; a used one that comes again was copied, so its whole session ends (RFC 9700 section 4.14.2).
/// </summary>
/// <remarks>
/// Tabs of one browser share a refresh token and may exchange it at nearly the same moment. For <see cref="AuthSettings.RefreshGrace"/>
/// after the first exchange the same token gets the same successor, which derives from the token itself and a salt that is stored with
/// it: the successor is stored nowhere, and whoever holds the token alone or the database alone cannot tell it.
/// </remarks>
public sealed class Sessions(
    UnitOfWork work, IDbContextFactory<TodoFlowDb> contexts, LocalIssuer issuer, LiveSessions live, Caller caller, IOptions<AuthSettings> settings, TimeProvider clock)
{
    private const int TokenBytes = 32;
    private const int LongestUserAgent = 200;

    /// <summary>Begins a session for a user whose password was checked; they are the request's caller from here on.</summary>
    /// <param name="user">The user.</param>
    /// <param name="userAgent">What the client calls itself.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ProblemException">404: nobody signs in here.</exception>
    public async Task<TokenResponse> Start(User user, string? userAgent, CancellationToken ct)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        var now = clock.GetUtcNow();
        var session = new Session
        {
            Id = Guid.CreateVersion7(now),
            UserId = user.Id,
            CreatedAt = now,
            RefreshedAt = now,
            ExpiresAt = now + settings.Value.RefreshTokenLifetime,
            Address = caller.Address,
            UserAgent = Shortened(userAgent),
        };
        work.Db.Add(session);
        work.Db.Add(new RefreshToken { Digest = Digest(token), UserId = user.Id, FamilyId = session.Id, CreatedAt = now, ExpiresAt = session.ExpiresAt });
        await work.Db.SaveChangesAsync(ct);
        return Response(new(user.Id, user.TimeZone, session.Id, user.TokenVersion), token);
    }

    /// <summary>Exchanges a refresh token for the next pair.</summary>
    /// <exception cref="ProblemException">
    /// 401 <c>refresh_token_invalid</c> where it is unknown, expired or revoked, <c>refresh_token_reused</c> where it was
    /// exchanged before: then its session ends, whatever becomes of the caller's transaction. 404: nobody signs in here.
    /// </exception>
    public async Task<TokenResponse> Refresh(string refreshToken, string? userAgent, CancellationToken ct)
    {
        var digest = Digest(refreshToken);
        var now = clock.GetUtcNow();
        if (await Find(digest, ct) is not { } found || found.ExpiresAt <= now)
        {
            throw Invalid();
        }

        if (found.UsedAt is null && await Exchange(refreshToken, digest, userAgent, now, ct) is { } next)
        {
            return Response(found.Subject, next);
        }

        // Used, by now at the latest: another exchange won.
        if (await Find(digest, ct) is not { UsedAt: { } usedAt } used)
        {
            throw Invalid(); // and its session has ended since
        }

        if (used.Salt is { } salt && now - usedAt < settings.Value.RefreshGrace)
        {
            return Response(used.Subject, Successor(refreshToken, salt));
        }

        if (found.UsedAt is null)
        {
            throw Reused(); // a race without a grace, and no reuse
        }

        await using var own = await contexts.CreateDbContextAsync(ct); // commits although the request fails
        await End(own, used.Subject.UserId, used.Subject.SessionId!.Value, ct);
        throw Reused();
    }

    /// <summary>Ends the session that a refresh token belongs to. Does nothing where it is unknown.</summary>
    public async Task End(string refreshToken, CancellationToken ct)
    {
        if (await Find(Digest(refreshToken), ct) is { } found)
        {
            await End(found.Subject.UserId, found.Subject.SessionId!.Value, ct);
        }
    }

    /// <summary>Ends one of a user's sessions.</summary>
    /// <returns>Whether there was one.</returns>
    public Task<bool> End(Guid user, Guid session, CancellationToken ct) => End(work.Db, user, session, ct);

    /// <summary>Ends all sessions of a user, and every access token that was given out to them.</summary>
    public async Task EndAll(Guid user, CancellationToken ct) => await live.End(user, await DeleteAll(user, ct), all: true, accountGone: false, ct);

    /// <summary>
    /// Deletes all sessions of a user, the links that would begin one, and what sends notifications to their browsers, and counts up the version of
    /// their access tokens; whoever commits says so to <see cref="LiveSessions"/>.
    /// </summary>
    /// <returns>The sessions that there were.</returns>
    internal async Task<List<Guid>> DeleteAll(Guid user, CancellationToken ct)
    {
        await work.Db.Users.Where(one => one.Id == user).ExecuteUpdateAsync(set => set.SetProperty(one => one.TokenVersion, one => one.TokenVersion + 1), ct);
        await work.Db.Set<MailToken>().Where(token => token.UserId == user && token.Purpose == MailPurposes.SignIn).ExecuteDeleteAsync(ct);
        await work.Db.Set<PushSubscription>().Where(subscription => subscription.UserId == user).ExecuteDeleteAsync(ct);
        return await work.Db.Database.SqlQuery<Guid>($"""delete from session where user_id = {user} returning id as "Value" """).ToListAsync(ct);
    }

    /// <summary>A user's sessions, the latest first.</summary>
    public async Task<List<SessionResponse>> List(AccessTokenSubject subject, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var sessions = await work.Db.Sessions.AsNoTracking().Where(session => session.UserId == subject.UserId && session.ExpiresAt > now)
            .OrderByDescending(session => session.RefreshedAt).ThenBy(session => session.Id).Take(1000).ToListAsync(ct);
        return [.. sessions.Select(session => SessionResponse.From(session, session.Id == subject.SessionId))];
    }

    /// <summary>
    /// Deletes the sessions that have expired, with their refresh tokens, and what was counted about sign-ins and mails that is too old to
    /// matter. Used refresh tokens stay until they expire, so that their reuse is noticed.
    /// </summary>
    /// <returns>How many rows.</returns>
    public async Task<int> Prune(DateTimeOffset now, CancellationToken ct) =>
        await work.Db.RefreshTokens.Where(token => token.ExpiresAt <= now).ExecuteDeleteAsync(ct)
        + await work.Db.Sessions.Where(session => session.ExpiresAt <= now).ExecuteDeleteAsync(ct)
        + await work.Db.Set<MailToken>().Where(token => token.ExpiresAt <= now).ExecuteDeleteAsync(ct)
        + await work.Db.Set<MailCount>().Where(count => count.Hour < now - TimeSpan.FromDays(2)).ExecuteDeleteAsync(ct)
        + await work.Db.Set<SignInAttempt>().Where(attempt => attempt.LastAt < now - SignInAttempts.Memory).ExecuteDeleteAsync(ct);

    // An exchange under way holds the session, for which the deletion waits; its refresh tokens go with it, those included that the exchange added.
    private async Task<bool> End(TodoFlowDb context, Guid user, Guid session, CancellationToken ct)
    {
        var ended = await context.Database.SqlQuery<int>(
            $"""
            with ended as (delete from session where id = {session} and user_id = {user} returning id),
            silenced as (delete from push_subscription using ended where session_id = ended.id)
            select count(*)::int as "Value" from ended
            """).ToListAsync(ct);
        var isEnded = ended[0] == 1;
        if (isEnded) // or it may be somebody else's
        {
            await live.End(user, [session], all: false, accountGone: false, ct);
        }

        return isEnded;
    }

    private async Task<Found?> Find(byte[] digest, CancellationToken ct) => await (
        from token in work.Db.RefreshTokens.AsNoTracking()
        join user in work.Db.Users on token.UserId equals user.Id
        where token.Digest == digest
        select new Found(
            new AccessTokenSubject(token.UserId, user.TimeZone, token.FamilyId, user.TokenVersion), token.UsedAt, token.ExpiresAt, token.SuccessorSalt))
        .SingleOrDefaultAsync(ct);

    // The session is locked first, as by whoever ends it; null where another exchange or the end of the session was faster.
    private async Task<string?> Exchange(string token, byte[] digest, string? userAgent, DateTimeOffset now, CancellationToken ct)
    {
        var salt = RandomNumberGenerator.GetBytes(TokenBytes);
        var next = Successor(token, salt);
        var expires = now + settings.Value.RefreshTokenLifetime;
        var exchanged = await work.Db.Database.ExecuteSqlAsync(
            $"""
            with held as materialized (
                select session.id from session join refresh_token on refresh_token.family_id = session.id
                where refresh_token.digest = {digest} for no key update of session
            ), used as (
                update refresh_token set used_at = {now}, successor_salt = {salt} from held
                where digest = {digest} and used_at is null and family_id = held.id returning user_id, family_id
            ), kept as (
                update session set refreshed_at = {now}, expires_at = {expires}, address = coalesce({caller.Address}, address),
                    user_agent = coalesce({Shortened(userAgent)}, user_agent)
                from used where session.id = used.family_id
            )
            insert into refresh_token (digest, user_id, family_id, created_at, expires_at)
            select {Digest(next)}, user_id, family_id, {now}, {expires} from used
            """,
            ct);
        return exchanged == 1 ? next : null;
    }

    private TokenResponse Response(AccessTokenSubject subject, string refreshToken)
    {
        caller.SignIn(subject);
        var token = issuer.CreateToken(subject.UserId, subject.TimeZone!, subject.SessionId, subject.Version!.Value);
        return new(token, refreshToken, "Bearer", (int)issuer.Lifetime.TotalSeconds);
    }

    private static ProblemException Invalid() =>
        new Problem(401, "refresh_token_invalid", "The refresh token is unknown, expired or revoked; sign in again.").AsException();

    private static ProblemException Reused() =>
        new Problem(401, "refresh_token_reused", "The refresh token was exchanged before; use the one that came in its place, or sign in again.").AsException();

    private static string? Shortened(string? userAgent) => string.IsNullOrWhiteSpace(userAgent) ? null
        : new string([.. userAgent.Where(character => character is >= ' ' and <= '~').Take(LongestUserAgent)]);

    // HMAC-SHA-256 keyed with the token, 256 random bits: nobody without it can tell its successor.
    private static string Successor(string token, byte[] salt) => Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), salt));

    // 256 random bits cannot be guessed from their digest: it needs neither salt nor slowness.
    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private sealed record Found(AccessTokenSubject Subject, DateTimeOffset? UsedAt, DateTimeOffset ExpiresAt, byte[]? Salt);
}

/// <summary>What a sign-in returns (RFC 6749 section 5.1).</summary>
/// <param name="AccessToken">A JWT for the header <c>Authorization: Bearer</c>.</param>
/// <param name="RefreshToken">Serves once, for the next pair. Absent where the cookie has it.</param>
/// <param name="TokenType">Always <c>Bearer</c>.</param>
/// <param name="ExpiresIn">How long the access token serves, in seconds.</param>
public sealed record TokenResponse(
    string AccessToken, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RefreshToken, string TokenType, int ExpiresIn);

/// <summary>A sign-in on one device.</summary>
/// <param name="Id">The session's id.</param>
/// <param name="CreatedAt">When the user signed in.</param>
/// <param name="RefreshedAt">When its tokens were last exchanged.</param>
/// <param name="ExpiresAt">When it ends unless its tokens are exchanged before.</param>
/// <param name="Address">The client's address then; null where it is not known.</param>
/// <param name="UserAgent">What the client called itself then; null where it did not.</param>
/// <param name="Current">Whether it is the one that asks.</param>
public sealed record SessionResponse(
    Guid Id, DateTimeOffset CreatedAt, DateTimeOffset RefreshedAt, DateTimeOffset ExpiresAt, string? Address, string? UserAgent, bool Current)
{
    /// <summary>What is shown of a session.</summary>
    internal static SessionResponse From(Session session, bool current) =>
        new(session.Id, session.CreatedAt, session.RefreshedAt, session.ExpiresAt, session.Address, session.UserAgent, current);
}
