using Npgsql;

namespace TodoFlow.Bench.Growth;

/// <summary>What a statement has cost, as <c>pg_stat_statements</c> counts.</summary>
/// <param name="Text">The statement, its constants removed.</param>
/// <param name="Calls">How often it was run.</param>
/// <param name="Milliseconds">The time that it took inside PostgreSQL.</param>
/// <param name="Blocks">The blocks of 8 KiB that it looked at.</param>
/// <param name="BlocksRead">Those that were not in PostgreSQL's memory.</param>
/// <param name="WalBytes">The bytes of the write-ahead log that it wrote.</param>
public sealed record StatementCost(string Text, long Calls, double Milliseconds, long Blocks, long BlocksRead, long WalBytes);

/// <summary>Asks PostgreSQL what its clients' requests have cost.</summary>
public sealed class DatabaseCost(string database)
{
    /// <summary>Begins to count every statement of the database, from nothing.</summary>
    public async Task Begin()
    {
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await BenchDatabase.Execute(database, $"create extension if not exists pg_stat_statements; alter database {name} set pg_stat_statements.track = 'all'");
    }

    /// <summary>Forgets what was counted.</summary>
    public Task Reset() => BenchDatabase.Execute(database, "select pg_stat_statements_reset()");

    /// <summary>What was counted since, dearest first.</summary>
    public async Task<List<StatementCost>> Read()
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            """
            select regexp_replace(query, '\s+', ' ', 'g'), calls, total_exec_time, shared_blks_hit + shared_blks_read, shared_blks_read, wal_bytes::bigint
            from pg_stat_statements where toplevel and dbid = (select oid from pg_database where datname = current_database())
                and query not like '%pg_stat_statements%'
            order by total_exec_time desc
            """);
        await using var rows = await command.ExecuteReaderAsync();
        var costs = new List<StatementCost>();
        while (await rows.ReadAsync())
        {
            costs.Add(new(rows.GetString(0), rows.GetInt64(1), rows.GetDouble(2), rows.GetInt64(3), rows.GetInt64(4), rows.GetInt64(5)));
        }

        return costs;
    }
}
