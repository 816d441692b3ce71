using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>Is told which sessions this process has ended, once that is committed.</summary>
public interface ISessionListener
{
    /// <summary>Ends what the sessions have open. It does not fail.</summary>
    /// <param name="user">Whose they are.</param>
    /// <param name="session">The session; null for all of the user's.</param>
    /// <param name="ct">Ends the wait.</param>
    Task Ended(Guid user, Guid? session, CancellationToken ct);
}

/// <summary>
/// Whether the session of an access token goes on. The answer is remembered for <see cref="AuthSettings.SessionCheckInterval"/>, so a
/// busy client costs no round trip; what this process ends is known at once.
/// </summary>
public sealed class LiveSessions(
    NpgsqlDataSource database, IOptions<AuthSettings> settings, TimeProvider clock, IEnumerable<ISessionListener> listeners)
{
    private const int Most = 20_000;

    private static readonly Problem Revoked =
        new(401, "token_revoked", "The session of this access token has ended; sign in again.") { Challenge = Problem.InvalidToken };

    private readonly Remembered<Guid, Known> _known = new(Most);
    private readonly Remembered<Guid, Problem> _ended = new(Most); // an answer that is on its way does not bring them back

    /// <summary>Lets a subject pass whose session goes on.</summary>
    /// <exception cref="ProblemException">401 <c>token_revoked</c> where it has ended, <c>account_gone</c> where the account was deleted.</exception>
    public ValueTask Require(AccessTokenSubject subject, CancellationToken ct)
    {
        if (subject.Version is null)
        {
            return HasEnded(subject.SessionId) ? throw Revoked.AsException() : default; // who issued it knows
        }

        var key = subject.SessionId ?? subject.UserId;
        if (_ended.TryGet(key, out var problem))
        {
            throw problem.AsException();
        }

        if (_known.TryGet(key, out var known) && !known.IsStale(settings.Value.SessionCheckInterval, clock))
        {
            known.Require(subject);
            return default;
        }

        return new(Ask(key, subject, ct));
    }

    /// <summary>Lets a subject pass that opens a connection with a token of its own, which may outlive the personal access token that it was got with.</summary>
    /// <exception cref="ProblemException">As of <see cref="Require"/>.</exception>
    public async Task RequireNow(AccessTokenSubject subject, CancellationToken ct)
    {
        await Require(subject, ct);
        if (subject is { Version: null, SessionId: not null } && (await FindEnded([subject], ct)).Count > 0)
        {
            throw Revoked.AsException();
        }
    }

    /// <summary>Whether this process has ended a session or a personal access token.</summary>
    internal bool HasEnded(Guid? session) => session is { } id && _ended.TryGet(id, out _);

    /// <summary>Says that sessions have ended, once that is committed.</summary>
    /// <param name="user">Whose they are.</param>
    /// <param name="sessions">The sessions that were there.</param>
    /// <param name="all">Whether they are all of the user's.</param>
    /// <param name="accountGone">Whether the account was deleted.</param>
    /// <param name="ct">Ends the wait for open connections to be closed.</param>
    public async Task End(Guid user, IReadOnlyCollection<Guid> sessions, bool all, bool accountGone, CancellationToken ct)
    {
        foreach (var session in sessions)
        {
            _ended.Set(session, accountGone ? Problem.AccountGone : Revoked);
            _known.Remove(session);
        }

        _known.Remove(user);
        IEnumerable<Guid?> told = all ? [null] : sessions.Select(session => (Guid?)session);
        await Task.WhenAll(from session in told from listener in listeners select listener.Ended(user, session, ct));
    }

    /// <summary>Those of some subjects whose session has ended, or whose account was deleted.</summary>
    public async Task<IReadOnlyList<AccessTokenSubject>> FindEnded(IReadOnlyList<AccessTokenSubject> subjects, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            """
            select asked.number from unnest($1, $2, $3) with ordinality as asked (user_id, session_id, version, number)
            left join app_user on app_user.id = asked.user_id
            left join session on session.id = asked.session_id and session.user_id = asked.user_id
            left join personal_access_token token on token.id = asked.session_id and token.user_id = asked.user_id and token.expires_at > $4
            where app_user.id is null or app_user.token_version <> asked.version or (asked.session_id is not null and session.id is null and token.id is null)
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. subjects.Select(subject => subject.UserId)] });
        command.Parameters.Add(new NpgsqlParameter { Value = subjects.Select(subject => subject.SessionId).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter { Value = subjects.Select(subject => subject.Version).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var ended = new List<AccessTokenSubject>();
        while (await rows.ReadAsync(ct))
        {
            ended.Add(subjects[(int)rows.GetInt64(0) - 1]);
        }

        return ended;
    }

    private async Task Ask(Guid key, AccessTokenSubject subject, CancellationToken ct)
    {
        var known = new Known(clock);
        try
        {
            await using var command = database.CreateCommand(
                """
                select token_version, $2 is null or exists (select from session where id = $2 and user_id = $1) from app_user where id = $1
                """);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = subject.UserId });
            command.Parameters.Add(new NpgsqlParameter { Value = (object?)subject.SessionId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
            await using var rows = await command.ExecuteReaderAsync(ct);
            if (await rows.ReadAsync(ct))
            {
                (known.Version, known.IsLive) = (rows.GetInt32(0), rows.GetBoolean(1));
            }
        }
        catch
        {
            _known.Remove(key); // the next request asks
            throw;
        }

        _known.Set(key, known);
        if (_ended.TryGet(key, out var problem))
        {
            throw problem.AsException();
        }

        known.Require(subject);
    }

    // What the database said.
    private sealed class Known(TimeProvider clock)
    {
        private long _askedAt = clock.GetTimestamp();

        // Null where the account is gone.
        public int? Version { get; set; }

        public bool IsLive { get; set; }

        // One caller is told so and asks; the others need not wait for it.
        public bool IsStale(TimeSpan interval, TimeProvider time)
        {
            var (asked, now) = (Interlocked.Read(ref _askedAt), time.GetTimestamp());
            return time.GetElapsedTime(asked, now) >= interval && Interlocked.CompareExchange(ref _askedAt, now, asked) == asked;
        }

        public void Require(AccessTokenSubject subject)
        {
            if (Version is null)
            {
                throw Problem.AccountGone.AsException();
            }

            if (!IsLive || Version != subject.Version)
            {
                throw Revoked.AsException();
            }
        }
    }
}
