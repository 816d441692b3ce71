using System.Security.Cryptography;
using System.Text;
using Npgsql;
using TodoFlow.Messaging.DueWork;

namespace TodoFlow.Infrastructure.Notifications.Email;

/// <summary>
/// Counts the mails to a user and to an address in the database, by the hour, so that all processes together keep to the limits; also when
/// an account is deleted and made again.
/// </summary>
public sealed class MailLimits([Background] NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>Why a reminder was not mailed that was over a limit.</summary>
    public const string Reached = "mail_limit";

    private const int Hours = 24;

    /// <summary>Whom reminders are counted by.</summary>
    public static byte[][] Reminders(Guid user, string email) => [Key($"user {user}"), Key($"reminders {email.ToLowerInvariant()}")];

    /// <summary>Whom mails about accounts are counted by: the address alone, whoever's account it is.</summary>
    public static byte[][] Accounts(string email) => [Key($"accounts {email.ToLowerInvariant()}")];

    /// <summary>Counts one more mail, where that is within the limits.</summary>
    /// <param name="recipients">Whom it is counted by.</param>
    /// <param name="perHour">How many each may get in an hour of the clock.</param>
    /// <param name="perDay">How many in the last 24 of them.</param>
    /// <param name="ct">Ends the wait; nothing is counted.</param>
    /// <returns>What was counted; null where a limit is reached.</returns>
    public async Task<MailCounted?> TryTake(byte[][] recipients, int perHour, int perDay, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var hour = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero);
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);

        // The first statement locks the hour's rows, in one order, so that the second sees what others counted.
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            """
            insert into mail_count as counted (recipient, hour, mails) select recipient, $2, 1 from unnest($1) as recipient order by recipient
            on conflict (recipient, hour) do update set mails = counted.mails + 1
            """)
        {
            Parameters = { new NpgsqlParameter<byte[][]> { TypedValue = recipients }, new NpgsqlParameter<DateTimeOffset> { TypedValue = hour } },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            """
            select coalesce(max(in_hour), 0), coalesce(max(in_day), 0) from (
                select sum(mails) filter (where hour = $2) as in_hour, sum(mails) as in_day from mail_count
                where recipient = any($1) and hour > $3 group by recipient) as counts
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<byte[][]> { TypedValue = recipients },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = hour },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = hour.AddHours(-Hours) },
            },
        });
        await using (var counts = await batch.ExecuteReaderAsync(ct))
        {
            await counts.ReadAsync(ct);
            if (counts.GetInt64(0) > perHour || counts.GetInt64(1) > perDay)
            {
                return null; // and the transaction rolls back
            }
        }

        await transaction.CommitAsync(ct);
        return new(recipients, hour);
    }

    /// <summary>Counts a mail no more, because it was not sent.</summary>
    public async Task GiveBack(MailCounted taken, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            """
            update mail_count set mails = mails - 1 from (
                select recipient, hour from mail_count where recipient = any($1) and hour = $2 order by recipient for no key update) as held
            where mail_count.recipient = held.recipient and mail_count.hour = held.hour
            """);
        command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = taken.Recipients });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = taken.Hour });
        await command.ExecuteNonQueryAsync(ct);
    }

    private static byte[] Key(string recipient) => SHA256.HashData(Encoding.UTF8.GetBytes(recipient));
}

/// <summary>A mail that was counted.</summary>
/// <param name="Recipients">Whom it is counted by.</param>
/// <param name="Hour">In which hour, UTC.</param>
public sealed record MailCounted(byte[][] Recipients, DateTimeOffset Hour);
