using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using NpgsqlTypes;

namespace TodoFlow.Persistence;

/// <summary>How rows of an entity type are added: by statements whose text is made once, from the model.</summary>
internal sealed class RowInsertion
{
    // Events come in pairs, and a statement of two rows costs PostgreSQL less than two; each number of rows is a statement to prepare.
    // More of them go into one that is the same for any number: it takes an array for each column.
    private const int FewRows = 4;

    // By entity type, of which there is one model for the life of the process.
    private static readonly ConcurrentDictionary<IEntityType, RowInsertion?> Known = new();

    private readonly string[] _ofFew;
    private readonly string _ofMany;
    private readonly List<Column> _columns;

    private RowInsertion(IEntityType type, string table, List<IProperty> written)
    {
        _columns = written.ConvertAll(property => new Column(property));
        Principals = type.GetForeignKeys().Select(key => key.PrincipalEntityType).ToHashSet();
        var names = string.Join(", ", _columns.Select(column => column.Name));
        _ofFew = [.. Enumerable.Range(1, FewRows).Select(rows => $"insert into {table} ({names}) values {string.Join(", ", Enumerable.Range(0, rows).Select(Row))}")];
        _ofMany = $"insert into {table} ({names}) select {string.Join(", ", _columns.Select(column => column.OfArray))} from unnest{Row(0)} as row ({names})";

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

    /// <summary>Adds the statement for rows to a batch, in the rows' order.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="rows">The rows, one at least.</param>
    /// <param name="value">The value of a property of a row.</param>
    public void AddTo<T>(NpgsqlBatch batch, ReadOnlySpan<T> rows, Func<T, IProperty, object?> value)
    {
        var command = new NpgsqlBatchCommand(rows.Length <= FewRows ? _ofFew[rows.Length - 1] : _ofMany);
        if (rows.Length <= FewRows)
        {
            foreach (var row in rows)
            {
                _columns.ForEach(column => command.Parameters.Add(column.Of(value(row, column.Property))));
            }
        }
        else
        {
            foreach (var column in _columns)
            {
                command.Parameters.Add(column.OfMany(rows, value));
            }
        }

        batch.BatchCommands.Add(command);
    }

    private sealed class Column
    {
        // Makes parameters, and keeps nothing.
        private static readonly NpgsqlCommand Parameters = new();

        private readonly RelationalTypeMapping _mapping;
        private readonly NpgsqlDbType _type;
        private readonly Type _element;

        public Column(IProperty property)
        {
            (Property, Name, _mapping) = (property, property.GetColumnName(), property.GetRelationalTypeMapping());
            _type = Of(null).NpgsqlDbType;
            var element = IsArray ? typeof(string) : _mapping.Converter?.ProviderClrType ?? _mapping.ClrType;
            _element = property.IsNullable && element.IsValueType && Nullable.GetUnderlyingType(element) is null ? typeof(Nullable<>).MakeGenericType(element) : element;
        }

        public IProperty Property { get; }

        public string Name { get; }

        /// <summary>How it is selected from its array.</summary>
        public string OfArray => IsArray ? $"{Name}::{_mapping.StoreType}" : Name;

        // PostgreSQL's arrays of arrays must all be of one length: these are texts in their array.
        private bool IsArray => _type.HasFlag(NpgsqlDbType.Array);

        public NpgsqlParameter Of(object? value) => (NpgsqlParameter)_mapping.CreateParameter(Parameters, "", value, Property.IsNullable);

        public NpgsqlParameter OfMany<T>(ReadOnlySpan<T> rows, Func<T, IProperty, object?> value)
        {
            var values = Array.CreateInstance(_element, rows.Length);
            for (var row = 0; row < rows.Length; row++)
            {
                var one = value(rows[row], Property);
                values.SetValue(IsArray ? Text((IEnumerable<string>?)one) : _mapping.Converter is { } converter ? converter.ConvertToProvider(one) : one, row);
            }

            return new NpgsqlParameter { Value = values, NpgsqlDbType = IsArray ? NpgsqlDbType.Array | NpgsqlDbType.Text : NpgsqlDbType.Array | _type };
        }

        private static string? Text(IEnumerable<string>? elements) => elements is null
            ? null
            : $"{{{string.Join(',', elements.Select(element => $"\"{element.Replace("\\", "\\\\").Replace("\"", "\\\"")}\""))}}}";
    }
}
