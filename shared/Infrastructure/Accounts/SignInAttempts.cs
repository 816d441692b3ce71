using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>
/// Slows down whoever guesses the password of one account from many addresses: after ten tries in a row that did not succeed each
/// further one has to wait, twice as long as the one before, up to a quarter of an hour. The count is in the database, so that every
/// process has the same, and goes by the address that was given, whether or not it has an account.
/// </summary>
/// <remarks>
/// A known device need not wait: one at a client address from which a session of the account was begun or kept up that is still live.
/// Tries are counted before the password is checked, so many at once are no way around it.
/// </remarks>
public sealed class SignInAttempts(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>How many tries in a row are free.</summary>
    public const int Free = 10;

    /// <summary>The longest wait between two tries.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

    /// <summary>After how long without a try the count begins anew.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(24);

    /// <summary>Counts a try that is about to begin.</summary>
    /// <param name="email">For which account.</param>
    /// <param name="address">The client's address (<see cref="Caller.Address"/>).</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>Whether it was counted; otherwise others have to wait, and this device is known.</returns>
    /// <exception cref="ProblemException">429 <c>too_many_attempts</c>: it has to wait.</exception>
    public async Task<bool> Begin(EmailAddress email, string? address, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var count = database.CreateCommand(
            """
            insert into sign_in_attempt as stored (account, attempts, last_at) values ($1, 1, $2)
            on conflict (account) do update set
                attempts = case when stored.last_at < $3 then 1 else stored.attempts + 1 end,
                last_at = $2,
                blocked_until = case when stored.last_at >= $3 and stored.attempts >= $4
                    then $2 + least($5, interval '1 second' * power(2, least(stored.attempts - $4, 20))) end
            where stored.blocked_until is null or stored.blocked_until <= $2
            """);
        count.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Account(email) });
        count.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        count.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now - Memory });
        count.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Free - 1 });
        count.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = LongestWait });
        if (await count.ExecuteNonQueryAsync(ct) == 1)
        {
            return true;
        }

        return await Wait(email, address, now, ct) is not { } wait
            ? false
            : throw new Problem(429, "too_many_attempts", "Too many passwords were tried for this address. Wait, or sign in from a device that is signed in already.")
            {
                RetryAfter = wait,
            }.AsException();
    }

    /// <summary>Forgets the tries, because one that was counted succeeded.</summary>
    public async Task Forget(EmailAddress email, CancellationToken ct)
    {
        await using var forget = database.CreateCommand("delete from sign_in_attempt where account = $1");
        forget.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Account(email) });
        await forget.ExecuteNonQueryAsync(ct);
    }

    // Null where the device is known, or nobody need wait any more.
    private async Task<TimeSpan?> Wait(EmailAddress email, string? address, DateTimeOffset now, CancellationToken ct)
    {
        await using var ask = database.CreateCommand(
            """
            select blocked_until from sign_in_attempt where account = $1 and blocked_until > $4 and not exists (
                select from session join app_user on app_user.id = session.user_id
                where app_user.normalized_email = $2 and session.address = $3 and session.expires_at > $4)
            """);
        ask.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Account(email) });
        ask.Parameters.Add(new NpgsqlParameter<string> { TypedValue = email.Normalized });
        ask.Parameters.Add(new NpgsqlParameter { Value = (object?)address ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        ask.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        await using var rows = await ask.ExecuteReaderAsync(ct);
        return await rows.ReadAsync(ct) ? rows.GetFieldValue<DateTimeOffset>(0) - now : null;
    }

    private static byte[] Account(EmailAddress email) => SHA256.HashData(Encoding.UTF8.GetBytes(email.Normalized));
}
