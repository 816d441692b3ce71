using Npgsql;

namespace TodoFlow.Infrastructure.Sync;

/// <summary>The epoch of a database.</summary>
/// <param name="Id">Another one after each renewal.</param>
/// <param name="Secret">What signs the tokens of devices.</param>
public sealed record SyncEpoch(Guid Id, byte[] Secret);

/// <summary>
/// The epoch of the database, read once. A database that was restored from a backup has forgotten what devices saw: its operator renews the
/// epoch, so that no token from before serves. Whoever reads changes is told the epoch with them, and so finds that it was renewed.
/// </summary>
public sealed class SyncEpochs(NpgsqlDataSource database)
{
    private volatile SyncEpoch? _known;

    /// <summary>The epoch as this process knows it.</summary>
    public async ValueTask<SyncEpoch> Current(CancellationToken ct)
    {
        if (_known is { } known)
        {
            return known;
        }

        await using var command = database.CreateCommand("select epoch, secret from sync_epoch");
        await using var rows = await command.ExecuteReaderAsync(ct);
        await rows.ReadAsync(ct);
        return _known = new(rows.GetGuid(0), rows.GetFieldValue<byte[]>(1));
    }

    /// <summary>Reads it anew when it is next asked for.</summary>
    public void Forget() => _known = null;

    /// <summary>
    /// Begins another epoch: every device starts anew. Rows of a dump may name transactions that are still to come here, since a new
    /// cluster numbers its own from the beginning: they count as written now.
    /// </summary>
    public async Task Renew(CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            """
            update task_item set changed_xid = default where changed_xid > pg_current_xact_id();
            update reminder set changed_xid = default where changed_xid > pg_current_xact_id();
            update notification set changed_xid = default where changed_xid > pg_current_xact_id();
            update notification_preference set changed_xid = default where changed_xid > pg_current_xact_id();
            update tombstone set changed_xid = default where changed_xid > pg_current_xact_id();
            update sync_epoch set epoch = gen_random_uuid(), secret = uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), began_at = now();
            """);
        command.CommandTimeout = 0; // it reads the tables
        await command.ExecuteNonQueryAsync(ct);
        Forget();
    }
}
