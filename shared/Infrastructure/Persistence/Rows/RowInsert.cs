using System.Collections.Concurrent;
using Npgsql;
using NpgsqlTypes;

namespace TodoFlow.Infrastructure.Persistence.Rows;

/// <summary>How rows of one table are added: by statements whose text is made once.</summary>
/// <param name="table">The table.</param>
/// <param name="columns">The columns that are written, each with its value of a row.</param>
internal sealed class RowInsert<TRow>(string table, params InsertColumn<TRow>[] columns)
{
    // Events come in pairs, and a statement of two rows costs PostgreSQL less than two; each number of rows is a statement to prepare.
    // More rows go into a statement that is the same for any number: it takes an array for each column.
    private const int FewRows = 4;

    // By how many rows there are, and the condition.
    private readonly ConcurrentDictionary<(int Rows, string? Condition), string> _texts = new();

    /// <summary>The statement that adds rows, in their order.</summary>
    /// <param name="rows">The rows, one at least.</param>
    /// <param name="condition">What must hold, or none is added; null where they are added in any case.</param>
    public NpgsqlBatchCommand Add(IReadOnlyList<TRow> rows, IWriteCondition? condition = null)
    {
        var command = new NpgsqlBatchCommand();
        var holds = condition?.AddTo(command.Parameters);
        var first = command.Parameters.Count + 1;
        command.CommandText = _texts.GetOrAdd((Math.Min(rows.Count, FewRows + 1), holds), text => Write(text.Rows, text.Condition, first));
        if (rows.Count <= FewRows)
        {
            foreach (var row in rows)
            {
                foreach (var column in columns)
                {
                    command.Parameters.Add(column.One(row));
                }
            }
        }
        else
        {
            foreach (var column in columns)
            {
                command.Parameters.Add(column.Many(rows));
            }
        }

        return command;
    }

    private string Write(int rows, string? condition, int first)
    {
        var names = string.Join(", ", columns.Select(column => column.Name));
        var (selected, source) = rows <= FewRows
            ? (names, $"(values {string.Join(", ", Enumerable.Range(0, rows).Select(row => Places(first + (row * columns.Length))))})")
            : (string.Join(", ", columns.Select(column => column.OfMany)), $"unnest{Places(first)}");
        return $"insert into {table} ({names}) select {selected} from {source} as row ({names}){(condition is null ? "" : $" where {condition}")}";
    }

    private string Places(int first) => $"({string.Join(", ", Enumerable.Range(first, columns.Length).Select(place => $"${place}"))})";
}

/// <summary>A column that is written of each row.</summary>
/// <param name="Name">Its name.</param>
/// <param name="OfMany">How it is selected where many rows come as arrays.</param>
/// <param name="One">The parameter of one row.</param>
/// <param name="Many">The parameter of many rows: an array.</param>
internal sealed record InsertColumn<TRow>(string Name, string OfMany, Func<TRow, NpgsqlParameter> One, Func<IReadOnlyList<TRow>, NpgsqlParameter> Many)
{
    /// <summary>A column of single values.</summary>
    public static InsertColumn<TRow> Of<TValue>(string name, NpgsqlDbType type, Func<TRow, TValue> value) =>
        new(name, name, row => Columns.Value(value(row), type), rows => Columns.Column(rows, value, type));

    /// <summary>A column of <c>text[]</c>. PostgreSQL's arrays of arrays must all be of one length, so many of them are texts in an array.</summary>
    public static InsertColumn<TRow> OfTexts(string name, Func<TRow, string[]> value) => new(
        name, $"{name}::text[]",
        row => Columns.Value(value(row), NpgsqlDbType.Array | NpgsqlDbType.Text),
        rows => Columns.Column(rows, row => Literal(value(row)), NpgsqlDbType.Text));

    private static string Literal(string[] texts) =>
        $"{{{string.Join(',', texts.Select(text => $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"")}\""))}}}";
}

/// <summary>Something that was remembered when rows were made, and must still hold when they are stored; else none of them is.</summary>
internal interface IWriteCondition
{
    /// <summary>The statement that keeps it as it is until the transaction ends.</summary>
    NpgsqlBatchCommand Lock();

    /// <summary>Adds the first parameters of a statement.</summary>
    /// <returns>The SQL expression that says whether it holds, in the transaction that <see cref="Lock"/> began.</returns>
    string AddTo(NpgsqlParameterCollection parameters);

    /// <summary>It did not hold: what was remembered is to be forgotten.</summary>
    void Failed();
}
