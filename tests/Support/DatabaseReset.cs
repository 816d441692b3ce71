using System.Text;
using Npgsql;

namespace TodoFlow.Tests.Support;

/// <summary>Makes a database as new again: its rows are those that the migrations put there, and its sequences begin anew.</summary>
internal sealed class DatabaseReset
{
    /// <summary>What the connections of a test's own looks into its database are called: they outlast the test.</summary>
    public const string OwnName = "test";

    // Where a test has changed this, the database is of no use to another.
    private const string Schema =
        """
        select md5(string_agg(part, ' ' order by part)) from (
            select format('%s.%s %s %s %s %s', attrelid, attnum, attname, atttypid, attnotnull, relkind)
                from pg_attribute join pg_class on pg_class.oid = attrelid where relnamespace = 'public'::regnamespace
            union all select format('trigger %s %s', pg_trigger.oid, tgenabled)
                from pg_trigger join pg_class on pg_class.oid = tgrelid where relnamespace = 'public'::regnamespace
            union all select format('constraint %s', oid) from pg_constraint where connamespace = 'public'::regnamespace
            union all select format('function %s', oid) from pg_proc where pronamespace = 'public'::regnamespace) as parts (part)
        """;

    private const string EndOthers =
        $"""
        select pg_terminate_backend(pid, 60000) from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and application_name <> '{OwnName}'
        """;

    private readonly string _schema;
    private readonly string _empty;

    private DatabaseReset(string schema, string empty) => (_schema, _empty) = (schema, empty);

    /// <summary>Learns from a new database what belongs there.</summary>
    public static async Task<DatabaseReset> Learn(TestDatabase fresh)
    {
        // Neither triggers nor foreign keys: the order of the tables does not matter.
        var empty = new StringBuilder("set local lock_timeout = '30s'; set local session_replication_role = replica;");
        foreach (var table in await fresh.Column<string>("select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"))
        {
            empty.Append($"delete from {table};");
            var rows = await fresh.Scalar<string>($"select coalesce(json_agg(rows), '[]')::text from {table} as rows");
            if (rows != "[]")
            {
                empty.Append($"insert into {table} select * from json_populate_recordset(null::{table}, $rows${rows}$rows$);");
            }
        }

        foreach (var sequence in await fresh.Column<string>("select format('setval(%L, %s, false)', sequencename, start_value) from pg_sequences where schemaname = 'public'"))
        {
            empty.Append($"select {sequence};");
        }

        return new(await fresh.Scalar<string>(Schema), empty.ToString());
    }

    /// <summary>Empties a database that nobody uses any more.</summary>
    /// <returns>Whether it is as new.</returns>
    public async Task<bool> Empty(TestDatabase database)
    {
        try
        {
            await database.Execute(EndOthers);
            await using var connection = await database.Source.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using var command = new NpgsqlCommand(_empty, connection, transaction);
            await command.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
            return await database.Scalar<string>(Schema) == _schema;
        }
        catch (NpgsqlException) // a table is gone, or locked
        {
            return false;
        }
    }
}
