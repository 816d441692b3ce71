using Npgsql;
using NpgsqlTypes;

namespace TodoFlow.Persistence;

/// <summary>Rows as columns, for statements that take all of them by <c>unnest</c>.</summary>
internal static class Columns
{
    /// <summary>The parameter that holds one column of rows.</summary>
    public static NpgsqlParameter<TColumn[]> Column<TRow, TColumn>(IEnumerable<TRow> rows, Func<TRow, TColumn> value, NpgsqlDbType type) =>
        new() { TypedValue = [.. rows.Select(value)], NpgsqlDbType = NpgsqlDbType.Array | type };
}
