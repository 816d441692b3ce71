using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>Brings the schema to a version, once, however many processes ask for it at the same time.</summary>
public sealed partial class Migrator(IDbContextFactory<TodoFlowDb> contexts, IOptions<DatabaseSettings> limits, TimeProvider clock, ILogger<Migrator> log)
{
    /// <summary>The migration that is older than all.</summary>
    public const string Nothing = Migration.InitialDatabase;

    // PostgreSQL's advisory locks are per database; the number is ours to choose, and must never change.
    private const long Lock = 0x746F646F666C6F77;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(200);

    /// <summary>Applies what is missing, up to the newest migration.</summary>
    public Task Migrate(CancellationToken ct) => MigrateTo(null, ct);

    /// <summary>Goes up or down to a migration, under an advisory lock.</summary>
    /// <param name="target">The migration's id, <see cref="Nothing"/>, or null for the newest.</param>
    /// <param name="ct">Ends the wait for the lock or the migration, which rolls back.</param>
    /// <exception cref="InvalidOperationException">There is no such migration.</exception>
    /// <exception cref="OutdatedSchemaException">An earlier development version made the database.</exception>
    public async Task MigrateTo(string? target, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        db.Database.SetCommandTimeout(limits.Value.MaintenanceSeconds); // a new index on a large table takes its time
        await db.Database.OpenConnectionAsync(ct);            // the lock belongs to the session

        // Who waits in pg_advisory_lock holds a snapshot, for whose end "create index concurrently" would wait in turn.
        while (!await db.Database.SqlQuery<bool>($"""select pg_try_advisory_lock({Lock}) as "Value" """).SingleAsync(ct))
        {
            await Task.Delay(BetweenTries, clock, ct);
        }

        try
        {
            // Their table of migrations had this column; to_regclass is null where there is no table.
            if (await db.Database.SqlQuery<bool>(
                $"""select exists (select from pg_attribute where attrelid = to_regclass({SchemaState.History}) and attname = 'MigrationId') as "Value" """).SingleAsync(ct))
            {
                throw new OutdatedSchemaException();
            }

            var applied = (await db.Database.GetAppliedMigrationsAsync(ct)).LastOrDefault() ?? Nothing;
            await db.GetService<IMigrator>().MigrateAsync(target, ct);
            var now = (await db.Database.GetAppliedMigrationsAsync(ct)).LastOrDefault() ?? Nothing;
            LogMigrated(applied, now);
        }
        finally
        {
            await db.Database.ExecuteSqlAsync($"select pg_advisory_unlock({Lock})", CancellationToken.None);
        }
    }

    /// <summary>The migrations that the schema lacks; none when it is up to date.</summary>
    public async Task<IReadOnlyList<string>> Pending(CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return [.. await db.Database.GetPendingMigrationsAsync(ct)];
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The schema was at {Before} and is at {After}")]
    private partial void LogMigrated(string before, string after);
}

/// <summary>A database from before the first migration that this version knows: it is refused, and left as it is.</summary>
public sealed class OutdatedSchemaException() : Exception(
    "An earlier development version of TodoFlow made this database. It cannot be brought up to date: make a new database, as CHANGELOG.md says.");
