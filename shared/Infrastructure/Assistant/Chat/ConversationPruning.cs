using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Infrastructure.Assistant.Models;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Retention;
using TodoFlow.Messaging.DueWork;

namespace TodoFlow.Infrastructure.Assistant.Chat;

/// <summary>Deletes conversations that were not used for long, and what users spent on days that are over.</summary>
public sealed class ConversationPruning([Background] NpgsqlDataSource database, IOptions<ChatSettings> settings, IOptions<DatabaseSettings> limits, TimeProvider clock) : IPruned
{
    private const int Batch = 1000;

    private const string Conversations =
        "delete from conversation where id in (select id from conversation where updated_at < $1 limit $2 for update skip locked)";

    private const string Usage =
        "delete from chat_usage where (user_id, day) in (select user_id, day from chat_usage where day < $1 limit $2 for update skip locked)";

    /// <inheritdoc/>
    public async Task<long> Prune(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return await Delete(Conversations, new NpgsqlParameter<DateTimeOffset> { TypedValue = now - settings.Value.Keep }, ct)
            + await Delete(Usage, new NpgsqlParameter<DateOnly> { TypedValue = DateOnly.FromDateTime(now.UtcDateTime).AddDays(-1) }, ct);
    }

    private async Task<long> Delete(string sql, NpgsqlParameter before, CancellationToken ct)
    {
        var (all, deleted) = (0L, Batch);
        while (deleted == Batch)
        {
            await using var command = database.CreateCommand(sql);
            command.CommandTimeout = limits.Value.MaintenanceSeconds;
            command.Parameters.Add(before.Clone());
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Batch });
            deleted = await command.ExecuteNonQueryAsync(ct);
            all += deleted;
        }

        return all;
    }
}
