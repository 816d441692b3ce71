using Npgsql;
using NpgsqlTypes;

namespace TodoFlow.Infrastructure.Persistence.Rows;

/// <summary>Parameters of statements: single values, and rows as columns for statements that take them by <c>unnest</c>.</summary>
internal static class Columns
{
    /// <summary>One value, which may be null.</summary>
    public static NpgsqlParameter Value(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };

    /// <summary>The parameter that holds one column of rows.</summary>
    public static NpgsqlParameter<TColumn[]> Column<TRow, TColumn>(IEnumerable<TRow> rows, Func<TRow, TColumn> value, NpgsqlDbType type) =>
        new() { TypedValue = [.. rows.Select(value)], NpgsqlDbType = NpgsqlDbType.Array | type };
}
