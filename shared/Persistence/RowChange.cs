using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Update;
using Npgsql;

namespace TodoFlow.Persistence;

/// <summary>How a stored row is changed or removed: by its key, as it was read, and what was changed only.</summary>
internal static class RowChange
{
    // Makes parameters, and keeps nothing.
    private static readonly NpgsqlCommand Parameters = new();

    /// <summary>
    /// The statement for a row, which fails with <see cref="OvertakenException.SqlState"/> where the row is gone, or one of its
    /// concurrency tokens is another: a batch that commits itself must not end well then.
    /// </summary>
    public static NpgsqlBatchCommand Of(IUpdateEntry row)
    {
        var command = new NpgsqlBatchCommand();
        var table = row.EntityType.GetTableName();
        var change = row.EntityState == EntityState.Deleted
            ? $"delete from {table}"
            : $"update {table} set {string.Join(", ", row.EntityType.GetProperties().Where(row.IsModified).Select(property => $"{property.GetColumnName()} = {Add(property, row.GetCurrentValue(property))}"))}";
        var found = row.EntityType.GetProperties()
            .Where(property => property.IsPrimaryKey() || property.IsConcurrencyToken)
            .Select(property => $"{property.GetColumnName()} {(property.IsNullable ? "is not distinct from" : "=")} {Add(property, row.GetOriginalValue(property))}");
        command.CommandText = $"with changed as ({change} where {string.Join(" and ", found)} returning 1) select raise_overtaken() where not exists (select from changed)";
        return command;

        string Add(IProperty property, object? value)
        {
            command.Parameters.Add(property.GetRelationalTypeMapping().CreateParameter(Parameters, "", value, property.IsNullable));
            return $"${command.Parameters.Count}";
        }
    }
}
