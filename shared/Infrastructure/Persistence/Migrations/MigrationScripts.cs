using Microsoft.EntityFrameworkCore.Migrations;

namespace TodoFlow.Infrastructure.Persistence.Migrations;

/// <summary>The SQL of migrations, in files beside their classes.</summary>
internal static class MigrationScripts
{
    /// <summary>Runs the file that has the name of a migration.</summary>
    public static void Script<T>(this MigrationBuilder migration)
        where T : Migration
    {
        using var sql = new StreamReader(typeof(T).Assembly.GetManifestResourceStream($"migrations/{typeof(T).Name}.sql")!);
        migration.Sql(sql.ReadToEnd());
    }
}
