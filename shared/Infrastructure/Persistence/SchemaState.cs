using System.Reflection;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using TodoFlow.Messaging.DueWork;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>Asks the database how far its schema is. It does so without Entity Framework, whose model a start need not wait for.</summary>
public sealed class SchemaState([Background] NpgsqlDataSource database)
{
    /// <summary>The table in which Entity Framework keeps what was applied.</summary>
    internal const string History = "schema_migration";

    private static readonly Lazy<string[]> Known = new(() =>
        [.. typeof(TodoFlowDb).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Migration))).Select(type => type.GetCustomAttribute<MigrationAttribute>()!.Id)]);

    /// <summary>Whether every migration of this version was applied.</summary>
    /// <exception cref="NpgsqlException">The database cannot be asked.</exception>
    public async Task<bool> IsCurrent(CancellationToken ct) => (await Applied(ct)).Known == Known.Value.Length;

    /// <summary>Whether every migration of this version was applied, and none of another.</summary>
    /// <exception cref="NpgsqlException">The database cannot be asked.</exception>
    public async Task<bool> IsOfThisVersion(CancellationToken ct) => await Applied(ct) == (Known.Value.Length, 0);

    private async Task<(long Known, long Unknown)> Applied(CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            $"select count(*) filter (where migration_id = any($1)), count(*) filter (where migration_id <> all($1)) from {History}");
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Known.Value });
        try
        {
            await using var counts = await command.ExecuteReaderAsync(ct);
            await counts.ReadAsync(ct);
            return (counts.GetInt64(0), counts.GetInt64(1));
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn)
        {
            return (0, 0); // none was, or those of a development version
        }
    }
}
