using Npgsql;

namespace TodoFlow.Bench.Growth;

/// <summary>What a statement has cost, as <c>pg_stat_statements</c> counts.</summary>
/// <param name="Text">The statement, its constants removed.</param>
/// <param name="Calls">How often it was run.</param>
/// <param name="Milliseconds">The time that it took inside PostgreSQL.</param>
/// <param name="Blocks">The blocks of 8 KiB that it looked at.</param>
/// <param name="BlocksRead">Those that were not in PostgreSQL's memory.</param>
/// <param name="WalBytes">The bytes of the write-ahead log that it wrote, images of whole blocks included.</param>
/// <param name="WalImages">How many such images: the first change of a block after a checkpoint writes one, so they come and go with those.</param>
public sealed record StatementCost(string Text, long Calls, double Milliseconds, long Blocks, long BlocksRead, long WalBytes, long WalImages);

/// <summary>Asks PostgreSQL what its clients' requests have cost, over one connection: what a new one asks for itself would be counted.</summary>
public sealed class DatabaseCost : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlConnection _connection;

    private DatabaseCost(NpgsqlDataSource source, NpgsqlConnection connection) => (_source, _connection) = (source, connection);

    /// <summary>Begins to count every statement of the database, from nothing.</summary>
    public static async Task<DatabaseCost> Of(string database)
    {
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await BenchDatabase.Execute(database, $"create extension if not exists pg_stat_statements; alter database {name} set pg_stat_statements.track = 'all'");
        var source = NpgsqlDataSource.Create(database);
        return new(source, await source.OpenConnectionAsync());
    }

    /// <summary>Forgets what was counted.</summary>
    public async Task Reset()
    {
        await using var command = new NpgsqlCommand("select pg_stat_statements_reset()", _connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>What was counted since, dearest first.</summary>
    public async Task<List<StatementCost>> Read()
    {
        await using var command = new NpgsqlCommand(
            """
            select regexp_replace(query, '\s+', ' ', 'g'), calls, total_exec_time, shared_blks_hit + shared_blks_read, shared_blks_read, wal_bytes::bigint, wal_fpi
            from pg_stat_statements where toplevel and dbid = (select oid from pg_database where datname = current_database())
                and query not like '%pg_stat_statements%'
            order by total_exec_time desc
            """, _connection);
        await using var rows = await command.ExecuteReaderAsync();
        var costs = new List<StatementCost>();
        while (await rows.ReadAsync())
        {
            costs.Add(new(rows.GetString(0), rows.GetInt64(1), rows.GetDouble(2), rows.GetInt64(3), rows.GetInt64(4), rows.GetInt64(5), rows.GetInt64(6)));
        }

        return costs;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _source.DisposeAsync();
    }
}
