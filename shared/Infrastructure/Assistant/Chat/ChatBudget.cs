using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Assistant.Models;

namespace TodoFlow.Infrastructure.Assistant.Chat;

/// <summary>How many messages users send in a minute, and how many tokens they take on a day. Counted in the database: for all processes together.</summary>
public sealed class ChatBudget(NpgsqlDataSource database, IOptions<ChatSettings> settings, TimeProvider clock)
{
    /// <summary>Counts a message.</summary>
    /// <exception cref="ProblemException">429 <c>chat_rate_limited</c> or <c>chat_budget_exceeded</c>, with <c>Retry-After</c>.</exception>
    public async Task TakeMessage(Guid user, CancellationToken ct)
    {
        var (limits, now) = (settings.Value, clock.GetUtcNow().UtcDateTime);
        var minute = new DateTimeOffset(now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMinute)), TimeSpan.Zero);
        await using var command = database.CreateCommand(
            """
            insert into chat_usage as used (user_id, day, tokens, minute, messages) values ($1, $2, 0, $3, 1)
            on conflict (user_id, day) do update
                set messages = case when used.minute = $3 then used.messages + 1 else 1 end, minute = $3
                where used.tokens < $4 and (used.minute <> $3 or used.messages < $5)
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = DateOnly.FromDateTime(now) });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = minute });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = limits.TokensPerDay });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limits.MessagesPerMinute });
        if (await command.ExecuteNonQueryAsync(ct) == 1)
        {
            return;
        }

        throw (await IsSpent(user, ct) ? Spent(now) : new Problem(429, "chat_rate_limited", $"You may send {limits.MessagesPerMinute} messages a minute.")
        {
            RetryAfter = minute.AddMinutes(1) - now,
        }).AsException();
    }

    /// <summary>Whether a user may take no more tokens today.</summary>
    public async Task<bool> IsSpent(Guid user, CancellationToken ct)
    {
        await using var command = database.CreateCommand("select tokens >= $3 from chat_usage where user_id = $1 and day = $2");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime) });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = settings.Value.TokensPerDay });
        return await command.ExecuteScalarAsync(ct) is true;
    }

    /// <summary>Counts the tokens that a response of the model took.</summary>
    public async Task TakeTokens(Guid user, long tokens, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var command = database.CreateCommand(
            """
            insert into chat_usage as used (user_id, day, tokens, minute, messages) values ($1, $2, $3, $4, 0)
            on conflict (user_id, day) do update set tokens = used.tokens + excluded.tokens
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = DateOnly.FromDateTime(now.UtcDateTime) });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = tokens });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        await command.ExecuteNonQueryAsync(ct);
    }

    private static Problem Spent(DateTime now) => new(429, "chat_budget_exceeded", "You have used up the language model's tokens of today (UTC).")
    {
        RetryAfter = now.Date.AddDays(1) - now,
    };
}
