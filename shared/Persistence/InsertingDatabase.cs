using System.Collections.Concurrent;
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
    // By entity type, of which there is one model for the life of the process.
    private static readonly ConcurrentDictionary<IEntityType, Insertion?> Insertions = new();

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
            using var parameters = new NpgsqlCommand(); // only makes them
            foreach (var entry in entries.Order(SaveOrder.OfEntries))
            {
                batch.BatchCommands.Add(Insertions[entry.EntityType]!.Of(entry, parameters));
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

        return types.Count > 0 && types.All(type => Insertions.GetOrAdd(type, Insertion.For) is { } insertion && !insertion.Principals.Overlaps(types));
    }

    private sealed record Insertion(string Sql, IReadOnlyList<(IProperty Property, RelationalTypeMapping Mapping)> Columns, IReadOnlySet<IEntityType> Principals)
    {
        /// <summary>The statement for a type; null where PostgreSQL generates a value that is to be read back.</summary>
        public static Insertion? For(IEntityType type)
        {
            var written = type.GetProperties().Where(property => property.GetBeforeSaveBehavior() != PropertySaveBehavior.Ignore).ToList();
            if (type.GetTableName() is not { } table || type.BaseType is not null || type.GetDirectlyDerivedTypes().Any()
                || written.Exists(property => property.ValueGenerated != ValueGenerated.Never))
            {
                return null;
            }

            var columns = string.Join(", ", written.Select(property => property.GetColumnName()));
            var values = string.Join(", ", written.Select((_, index) => $"${index + 1}"));
            return new(
                $"insert into {table} ({columns}) values ({values})",
                written.ConvertAll(property => (property, property.GetRelationalTypeMapping())),
                type.GetForeignKeys().Select(key => key.PrincipalEntityType).ToHashSet());
        }

        /// <summary>The statement for a row.</summary>
        public NpgsqlBatchCommand Of(IUpdateEntry entry, NpgsqlCommand parameters)
        {
            var command = new NpgsqlBatchCommand(Sql);
            foreach (var (property, mapping) in Columns)
            {
                command.Parameters.Add(mapping.CreateParameter(parameters, "", entry.GetCurrentValue(property), property.IsNullable));
            }

            return command;
        }
    }
}
