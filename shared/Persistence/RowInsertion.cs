using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace TodoFlow.Persistence;

/// <summary>How rows of an entity type are added: by statements whose text is made once, from the model.</summary>
internal sealed class RowInsertion
{
    // Events come in pairs, and a statement of two rows costs PostgreSQL less than two; each number of rows is a statement to prepare.
    private const int MostRows = 4;

    // By entity type, of which there is one model for the life of the process.
    private static readonly ConcurrentDictionary<IEntityType, RowInsertion?> Known = new();

    // Makes parameters, and keeps nothing.
    private static readonly NpgsqlCommand Parameters = new();

    private readonly string[] _statements;
    private readonly List<Column> _columns;

    private RowInsertion(IEntityType type, string table, List<IProperty> written)
    {
        _columns = written.ConvertAll(property => new Column(property, property.GetRelationalTypeMapping()));
        Principals = type.GetForeignKeys().Select(key => key.PrincipalEntityType).ToHashSet();
        var names = string.Join(", ", written.Select(property => property.GetColumnName()));
        _statements = [.. Enumerable.Range(1, MostRows).Select(rows => $"insert into {table} ({names}) values {string.Join(", ", Enumerable.Range(0, rows).Select(Row))}")];

        string Row(int row) => $"({string.Join(", ", written.Select((_, index) => $"${(row * written.Count) + index + 1}"))})";
    }

    /// <summary>The types that its rows refer to.</summary>
    public IReadOnlySet<IEntityType> Principals { get; }

    /// <summary>How rows of a type are added; null where PostgreSQL generates a value that is to be read back.</summary>
    public static RowInsertion? For(IEntityType type) => Known.GetOrAdd(type, static type =>
    {
        var written = type.GetProperties().Where(property => property.GetBeforeSaveBehavior() != PropertySaveBehavior.Ignore).ToList();
        return type.GetTableName() is { } table && type.BaseType is null && !type.GetDirectlyDerivedTypes().Any()
            && written.TrueForAll(property => property.ValueGenerated == ValueGenerated.Never)
                ? new RowInsertion(type, table, written)
                : null;
    });

    /// <summary>Adds the statements for rows to a batch, in the rows' order.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="value">The value of a property of a row.</param>
    public void AddTo<T>(NpgsqlBatch batch, ReadOnlySpan<T> rows, Func<T, IProperty, object?> value)
    {
        for (; !rows.IsEmpty; rows = rows[Math.Min(rows.Length, MostRows)..])
        {
            var some = rows[..Math.Min(rows.Length, MostRows)];
            var command = new NpgsqlBatchCommand(_statements[some.Length - 1]);
            foreach (var row in some)
            {
                foreach (var (property, mapping) in _columns)
                {
                    command.Parameters.Add(mapping.CreateParameter(Parameters, "", value(row, property), property.IsNullable));
                }
            }

            batch.BatchCommands.Add(command);
        }
    }

    private sealed record Column(IProperty Property, RelationalTypeMapping Mapping);
}
