using System.Reflection;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>Asks the database how far its schema is. It does so without Entity Framework, whose model a start need not wait for.</summary>
public sealed class SchemaState(NpgsqlDataSource database)
{
    /// <summary>The table in which Entity Framework keeps what was applied.</summary>
    internal const string History = "schema_migration";

    private static readonly Lazy<string[]> Known = new(() =>
        [.. typeof(TodoFlowDb).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Migration))).Select(type => type.GetCustomAttribute<MigrationAttribute>()!.Id)]);

    /// <summary>Whether every migration of this version was applied.</summary>
    /// <exception cref="NpgsqlException">The database cannot be asked.</exception>
    public async Task<bool> IsCurrent(CancellationToken ct)
    {
        await using var command = database.CreateCommand($"select count(*) from {History} where migration_id = any($1)");
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Known.Value });
        try
        {
            return await command.ExecuteScalarAsync(ct) is long applied && applied == Known.Value.Length;
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn)
        {
            return false; // none was, or those of a development version (OutdatedSchemaException)
        }
    }
}
