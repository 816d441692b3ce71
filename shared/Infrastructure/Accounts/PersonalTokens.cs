using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Retention;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>
/// Personal access tokens: for scripts, calendars and assistants that are not to know the user's password. Each has a name, scopes and an
/// end. The token is shown once; what is stored is its SHA-256, which suffices for a secret of 238 random bits.
/// </summary>
/// <remarks>What a process has read of a token serves for <see cref="AuthSettings.SessionCheckInterval"/>, as with sessions.</remarks>
public sealed class PersonalTokens(NpgsqlDataSource database, LiveSessions live, IOptions<AuthSettings> settings, TimeProvider clock) : IPruned, IDisposable
{
    /// <summary>What every token begins with, so that scanners of source code know one: <c>todoflow_pat_[0-9A-Za-z]{40}</c>.</summary>
    public const string Prefix = "todoflow_pat_";

    /// <summary>The most that a user may have at once.</summary>
    public const int MostPerUser = 100;

    private const string Letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int SecretLength = 40;

    /// <summary>How seldom the time of last use is written.</summary>
    public static readonly TimeSpan UsedPrecision = TimeSpan.FromMinutes(1);

    // A calendar program goes on until its user ends it.
    private static readonly TimeSpan CalendarLifetime = TimeSpan.FromDays(36_500);

    private static readonly TimeSpan KeptExpired = TimeSpan.FromDays(30);

    // Anybody can invent tokens, and to look for one takes a connection: those of all others stay free for requests of users.
    private readonly SemaphoreSlim _asking = new(4);

    private readonly Remembered<string, Known> _known = new(10_000, StringComparer.Ordinal);

    /// <summary>Whether a text is a token of this kind. Whether it is valid is another question.</summary>
    public static bool IsOne(string token) => token.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Makes a token.</summary>
    /// <param name="work">The change that it is a part of.</param>
    /// <param name="user">Whose it is.</param>
    /// <param name="name">What the user calls it.</param>
    /// <param name="scopes">What it may do.</param>
    /// <param name="expiresAt">When it ends.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ProblemException">403 <c>quota_exceeded</c>: the user has <see cref="MostPerUser"/> already.</exception>
    public async Task<PersonalTokenResponse> Create(UnitOfWork work, Guid user, string name, AccessScopes scopes, DateTimeOffset expiresAt, CancellationToken ct)
    {
        var token = Prefix + RandomNumberGenerator.GetString(Letters, SecretLength);
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);

        // Those that have expired are said to have for a while, but not without end.
        await work.Db.Database.ExecuteSqlAsync(
            $"""
            delete from personal_access_token where user_id = {user} and id in (
                select id from personal_access_token where user_id = {user} and expires_at <= {now} order by expires_at desc, id offset {MostPerUser})
            """,
            ct);
        var added = await work.Db.Database.ExecuteSqlAsync(
            $"""
            insert into personal_access_token (id, user_id, name, digest, scopes, created_at, expires_at)
            select {id}, {user}, {name}, {Digest(token)}, {ScopeNames.Of(scopes)}, {now}, {expiresAt}
            where (select count(*) from personal_access_token where user_id = {user} and expires_at > {now}) < {MostPerUser}
            """,
            ct);
        if (added == 0)
        {
            throw new Problem(403, "quota_exceeded", $"You have {MostPerUser} tokens, and no more are possible: delete one first.").AsException();
        }

        return new(id, name, ScopeNames.Of(scopes), now, expiresAt, null, token);
    }

    /// <summary>A user's tokens that have not expired, the latest first.</summary>
    public async Task<List<PersonalTokenResponse>> List(Guid user, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            """
            select id, name, scopes, created_at, expires_at, last_used_at from personal_access_token
            where user_id = $1 and expires_at > $2 order by created_at desc, id desc
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var tokens = new List<PersonalTokenResponse>();
        while (await rows.ReadAsync(ct))
        {
            tokens.Add(new(
                rows.GetGuid(0), rows.GetString(1), rows.GetFieldValue<string[]>(2), rows.GetFieldValue<DateTimeOffset>(3), rows.GetFieldValue<DateTimeOffset>(4),
                rows.IsDBNull(5) ? null : rows.GetFieldValue<DateTimeOffset>(5)));
        }

        return tokens;
    }

    /// <summary>Makes the token of a user's calendar feed, in place of the one before, which serves no more.</summary>
    /// <exception cref="ProblemException">403 <c>quota_exceeded</c>: the user has <see cref="MostPerUser"/> other tokens already.</exception>
    public async Task<PersonalTokenResponse> ReplaceCalendar(UnitOfWork work, Guid user, CancellationToken ct)
    {
        var (made, ended) = await work.Run(
            async () =>
            {
                await work.Begin(ct);
                var before = await work.Db.Database.SqlQuery<Guid>(
                    $"delete from personal_access_token where user_id = {user} and scopes = {ScopeNames.Of(AccessScopes.Calendar)} returning id").ToListAsync(ct);
                return (await Create(work, user, "calendar", AccessScopes.Calendar, clock.GetUtcNow() + CalendarLifetime, ct), before);
            },
            ct);
        await live.End(user, ended, all: false, accountGone: false, ct);
        return made;
    }

    /// <summary>Ends the token of a user's calendar feed.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> RevokeCalendar(Guid user, CancellationToken ct)
    {
        await using var command = database.CreateCommand("delete from personal_access_token where user_id = $1 and scopes = $2 returning id");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = ScopeNames.Of(AccessScopes.Calendar) });
        if (await command.ExecuteScalarAsync(ct) is not Guid ended)
        {
            return false;
        }

        await live.End(user, [ended], all: false, accountGone: false, ct);
        return true;
    }

    /// <summary>Ends a token, and what it has open.</summary>
    /// <returns>Whether the user had it.</returns>
    public async Task<bool> Revoke(Guid user, Guid id, CancellationToken ct)
    {
        await using var command = database.CreateCommand("delete from personal_access_token where id = $1 and user_id = $2");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        if (await command.ExecuteNonQueryAsync(ct) == 0)
        {
            return false;
        }

        await live.End(user, [id], all: false, accountGone: false, ct);
        return true;
    }

    /// <summary>Deletes what expired long ago: until then a client is told that its token has expired.</summary>
    /// <returns>How many.</returns>
    public async Task<long> Prune(CancellationToken ct)
    {
        await using var command = database.CreateCommand("delete from personal_access_token where expires_at <= $1");
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() - KeptExpired });
        return await command.ExecuteNonQueryAsync(ct);
    }

    /// <inheritdoc/>
    public void Dispose() => _asking.Dispose();

    /// <summary>Finds whom a token speaks for, and notes that it was used.</summary>
    /// <exception cref="ProblemException">401 <c>token_invalid</c>: it is unknown, was revoked, or its account is gone; <c>token_expired</c>.</exception>
    internal ValueTask<AccessTokenSubject> Validate(string token, CancellationToken ct)
    {
        if (token.Length != Prefix.Length + SecretLength)
        {
            throw AccessTokens.Refused(null);
        }

        return _known.TryGet(token, out var known) && clock.GetElapsedTime(known.AskedAt) < settings.Value.SessionCheckInterval && !live.HasEnded(known.Subject.SessionId)
            ? new(known.Valid(clock))
            : new(Ask(token, ct));
    }

    private async Task<AccessTokenSubject> Ask(string token, CancellationToken ct)
    {
        await _asking.WaitAsync(ct);
        try
        {
            return await AskNow(token, ct);
        }
        finally
        {
            _asking.Release();
        }
    }

    private async Task<AccessTokenSubject> AskNow(string token, CancellationToken ct)
    {
        var (askedAt, now) = (clock.GetTimestamp(), clock.GetUtcNow());
        await using var command = database.CreateCommand(
            """
            with used as (
                update personal_access_token set last_used_at = $2
                where digest = $1 and expires_at > $2 and (last_used_at is null or last_used_at <= $3))
            select token.id, token.user_id, token.scopes, token.expires_at, app_user.time_zone
            from personal_access_token token join app_user on app_user.id = token.user_id where token.digest = $1
            """);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Digest(token) });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now - UsedPrecision });
        await using var rows = await command.ExecuteReaderAsync(ct);
        if (!await rows.ReadAsync(ct))
        {
            _known.Remove(token);
            throw AccessTokens.Refused(null);
        }

        // Connections that it opens end with it, as those of a session do.
        var subject = new AccessTokenSubject(rows.GetGuid(1), rows.GetString(4), SessionId: rows.GetGuid(0))
        {
            Scopes = ScopeNames.Parse(rows.GetFieldValue<string[]>(2)),
        };
        var known = new Known(subject, rows.GetFieldValue<DateTimeOffset>(3), askedAt);
        _known.Set(token, known);
        return known.Valid(clock);
    }

    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private sealed record Known(AccessTokenSubject Subject, DateTimeOffset ExpiresAt, long AskedAt)
    {
        public AccessTokenSubject Valid(TimeProvider clock) => clock.GetUtcNow() < ExpiresAt ? Subject : throw AccessTokens.Expired.AsException();
    }
}

/// <summary>A personal access token.</summary>
/// <param name="Id">The id that revokes it.</param>
/// <param name="Name">What the user calls it.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="LastUsedAt">When it was last used, to the minute; null before the first time.</param>
/// <param name="Token">The token itself, in the response that made it and nowhere else.</param>
public sealed record PersonalTokenResponse(
    Guid Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? LastUsedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Token = null);
