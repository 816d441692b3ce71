using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Retention;
using TodoFlow.Messaging.DueWork;

namespace TodoFlow.Infrastructure.Sync;

/// <summary>Forgets what was removed, and the results of commands, when no device can ask for them any more.</summary>
public sealed class SyncPruning([Background] NpgsqlDataSource database, IOptions<SyncSettings> settings, IOptions<DatabaseSettings> limits, TimeProvider clock) : IPruned
{
    private const int Batch = 5000;

    // A tombstone is dated by the beginning of its transaction, which tokens that are younger may still wait for.
    private static readonly TimeSpan LongestTransaction = TimeSpan.FromDays(1);

    private const string Tombstones =
        """
        delete from tombstone where (user_id, resource, id) in (
            select user_id, resource, id from tombstone where removed_at < $1 limit $2 for update skip locked)
        """;

    private const string Results =
        """
        delete from sync_command where (user_id, id) in (
            select user_id, id from sync_command where created_at < $1 limit $2 for update skip locked)
        """;

    /// <inheritdoc/>
    public async Task<long> Prune(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return await Delete(Tombstones, now - settings.Value.KeepTombstones - LongestTransaction, ct)
            + await Delete(Results, now - settings.Value.KeepResults, ct);
    }

    private async Task<long> Delete(string sql, DateTimeOffset before, CancellationToken ct)
    {
        var (all, deleted) = (0L, Batch);
        while (deleted == Batch)
        {
            await using var command = database.CreateCommand(sql);
            command.CommandTimeout = limits.Value.MaintenanceSeconds;
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = before });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Batch });
            deleted = await command.ExecuteNonQueryAsync(ct);
            all += deleted;
        }

        return all;
    }
}
