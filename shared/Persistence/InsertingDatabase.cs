using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;
using Npgsql;

namespace TodoFlow.Persistence;

/// <summary>
/// Writes a save that only adds rows in one round trip, and each row by a statement whose text is made once: that of a new task with
/// its events. PostgreSQL takes such a batch for one transaction, so it is stored as a whole or not at all, as any save. Every other
/// save goes the way of Entity Framework: a round trip for the statements, one for the commit, and their text made each time.
/// </summary>
internal sealed class InsertingDatabase(DatabaseDependencies dependencies, RelationalDatabaseDependencies relational, ICurrentDbContext current)
    : RelationalDatabase(dependencies, relational)
{
    /// <inheritdoc/>
    public override async Task<int> SaveChangesAsync(IList<IUpdateEntry> entries, CancellationToken cancellationToken = default)
    {
        if (!AreIndependentInserts(entries))
        {
            return await base.SaveChangesAsync(entries, cancellationToken);
        }

        var database = current.Context.Database;
        await database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var batch = new NpgsqlBatch(
                (NpgsqlConnection)database.GetDbConnection(), (NpgsqlTransaction?)database.CurrentTransaction?.GetDbTransaction());
            foreach (var rows in entries.Order(SaveOrder.OfEntries).GroupBy(entry => entry.EntityType))
            {
                RowInsertion.For(rows.Key)!.AddTo<IUpdateEntry>(batch, rows.ToArray(), static (entry, property) => entry.GetCurrentValue(property));
            }

            return await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (DbException error)
        {
            throw new DbUpdateException("The rows could not be added.", error, [.. entries]);
        }
        finally
        {
            await database.CloseConnectionAsync();
        }
    }

    // Of types whose rows do not refer to each other, so that their order is ours to choose.
    private static bool AreIndependentInserts(IList<IUpdateEntry> entries)
    {
        var types = new HashSet<IEntityType>();
        foreach (var entry in entries)
        {
            if (entry.EntityState != EntityState.Added || entry.SharedIdentityEntry is not null)
            {
                return false;
            }

            types.Add(entry.EntityType);
        }

        return types.Count > 0 && types.All(type => RowInsertion.For(type) is { } insertion && !insertion.Principals.Overlaps(types));
    }
}
