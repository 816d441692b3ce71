using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;
using Npgsql;

namespace TodoFlow.Persistence;

/// <summary>
/// Writes a save in one round trip, with the commit of the transaction that ends with it (<see cref="TodoFlowDb.SaveAndCommit"/>), and
/// new rows by statements whose text is made once. Without a transaction PostgreSQL takes such a batch for one, so it is stored as a
/// whole or not at all, as any save.
/// </summary>
/// <remarks>
/// A transaction that goes on outlives a save that fails, by a savepoint (<see cref="DatabaseFacade.AutoSavepointsEnabled"/>), which takes no
/// round trip of its own. Saves of rows that refer to each other go the way of Entity Framework.
/// </remarks>
internal sealed class BatchingDatabase(DatabaseDependencies dependencies, RelationalDatabaseDependencies relational, ICurrentDbContext current)
    : RelationalDatabase(dependencies, relational)
{
    private const string Savepoint = "before_save";

    /// <inheritdoc/>
    public override async Task<int> SaveChangesAsync(IList<IUpdateEntry> entries, CancellationToken cancellationToken = default)
    {
        var db = (TodoFlowDb)current.Context;
        var database = db.Database;
        if (!AreIndependent(entries))
        {
            await using var besides = db.CreateBatch();
            Add(besides, db.Besides);
            if (besides.BatchCommands.Count > 0)
            {
                await besides.ExecuteNonQueryAsync(cancellationToken);
            }

            return await base.SaveChangesAsync(entries, cancellationToken);
        }

        var transaction = database.CurrentTransaction;
        var endsItself = transaction is not null && transaction == db.Ending;
        var outlives = transaction is not null && !endsItself && database.AutoSavepointsEnabled;
        await database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var batch = db.CreateBatch();
            if (outlives)
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand($"savepoint {Savepoint}"));
            }

            Add(batch, db.Besides);
            Add(batch, entries);
            if (endsItself || outlives)
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand(endsItself ? "commit" : $"release {Savepoint}"));
            }

            await batch.ExecuteNonQueryAsync(cancellationToken);
            if (endsItself)
            {
                await db.Ending!.DisposeAsync(); // whoever is told of the save finds it committed
            }

            return entries.Count;
        }
        catch (DbException error)
        {
            if (outlives && error is PostgresException)
            {
                await transaction!.RollbackToSavepointAsync(Savepoint, cancellationToken);
            }

            throw error is PostgresException { SqlState: OvertakenException.SqlState }
                ? new DbUpdateConcurrencyException("Another writer has changed or removed a row.", error, [.. entries])
                : new DbUpdateException("The rows could not be written.", error, [.. entries]);
        }
        finally
        {
            await database.CloseConnectionAsync();
        }
    }

    private static void Add(NpgsqlBatch batch, IEnumerable<NpgsqlBatchCommand> commands)
    {
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }
    }

    private static void Add(NpgsqlBatch batch, IEnumerable<IUpdateEntry> entries)
    {
        foreach (var rows in entries.Order(SaveOrder.OfEntries).GroupBy(entry => (entry.EntityType, IsNew: entry.EntityState == EntityState.Added)))
        {
            if (rows.Key.IsNew)
            {
                RowInsertion.For(rows.Key.EntityType)!.AddTo<IUpdateEntry>(batch, rows.ToArray(), static (entry, property) => entry.GetCurrentValue(property));
                continue;
            }

            foreach (var row in rows)
            {
                batch.BatchCommands.Add(RowChange.Of(row));
            }
        }
    }

    // Of types whose rows do not refer to rows that come or go, so that their order is ours to choose.
    private static bool AreIndependent(IList<IUpdateEntry> entries)
    {
        if (entries.Any(entry => entry.SharedIdentityEntry is not null || RowInsertion.For(entry.EntityType) is null))
        {
            return false;
        }

        var comeOrGo = entries.Where(entry => entry.EntityState != EntityState.Modified).Select(entry => entry.EntityType).ToHashSet();
        return entries.Select(entry => entry.EntityType).Distinct().All(type => !RowInsertion.For(type)!.Principals.Overlaps(comeOrGo));
    }
}
