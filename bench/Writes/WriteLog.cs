using Npgsql;

namespace TodoFlow.Bench.Writes;

/// <summary>What a new task writes to a table and its indexes.</summary>
/// <param name="Part">Whose transaction wrote it: the request's, the relay's, or a consumer's.</param>
/// <param name="Table">The table.</param>
/// <param name="RowsAdded">Its new rows.</param>
/// <param name="RowsChanged">Rows that were written anew.</param>
/// <param name="InPlace">Of them those for which no index was written (HOT).</param>
/// <param name="RowsLocked">Rows that were locked: by foreign keys.</param>
/// <param name="Entries">Entries of its B-trees.</param>
/// <param name="GinPages">Writes to its GIN indexes; each to the list of what waits has many entries.</param>
/// <param name="Bytes">Bytes of the write-ahead log, without images of blocks.</param>
public sealed record TableWrites(
    string Part, string Table, double RowsAdded, double RowsChanged, double InPlace, double RowsLocked, double Entries, double GinPages, double Bytes);

/// <summary>Reads PostgreSQL's write-ahead log by <c>pg_walinspect</c>, over one connection.</summary>
public sealed class WriteLog : IAsyncDisposable
{
    // Each record is about the relation that it names first. What no table of ours has, such as a commit, belongs to its transaction.
    private const string Summary =
        """
        with record as materialized (
            select xid, resource_manager || ' ' || record_type as kind, record_length - fpi_length as bytes,
                (regexp_match(block_ref, 'rel \d+/\d+/(\d+)'))[1]::oid as file
            from pg_get_wal_records_info($1::pg_lsn, pg_current_wal_flush_lsn())
        ), relation as (
            select relfilenode as file, coalesce(indrelid, pg_class.oid)::regclass::text as name
            from pg_class left join pg_index on indexrelid = pg_class.oid where relnamespace = 'public'::regnamespace and relfilenode <> 0
        ), transaction as (
            select xid, case when bool_or(name = 'task_item') then 'request' when bool_or(name = 'outbox') then 'relay' else 'consumers' end as part
            from record join relation using (file) where xid <> '0' group by xid
        )
        select coalesce(part, 'housekeeping'), coalesce(name, 'commits and others'),
            count(*) filter (where kind in ('Heap INSERT', 'Heap INSERT+INIT')),
            count(*) filter (where kind in ('Heap UPDATE', 'Heap UPDATE+INIT', 'Heap HOT_UPDATE')),
            count(*) filter (where kind = 'Heap HOT_UPDATE'),
            count(*) filter (where kind = 'Heap LOCK'),
            count(*) filter (where kind in ('Btree INSERT_LEAF', 'Btree INSERT_POST', 'Btree SPLIT_L', 'Btree SPLIT_R')),
            count(*) filter (where kind like 'Gin %'),
            sum(bytes)::bigint
        from record left join relation using (file) left join transaction using (xid)
        where part is not null or name is not null
        group by 1, 2 order by min(array_position('{request,relay,consumers}', part)) nulls last, 9 desc
        """;

    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlConnection _connection;
    private string _from = "0/0";

    private WriteLog(NpgsqlDataSource source, NpgsqlConnection connection) => (_source, _connection) = (source, connection);

    /// <summary>The log of a database's server.</summary>
    public static async Task<WriteLog> Of(string database)
    {
        await BenchDatabase.Execute(database, "create extension if not exists pg_walinspect");
        var source = NpgsqlDataSource.Create(database);
        return new(source, await source.OpenConnectionAsync());
    }

    /// <summary>Begins to count from here.</summary>
    public async Task Begin()
    {
        await using var command = new NpgsqlCommand("select pg_current_wal_insert_lsn()::text", _connection);
        _from = (string)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>What was written since, shared out over so many tasks: what is written most first, part by part.</summary>
    public async Task<List<TableWrites>> Read(int tasks)
    {
        // Its commit waits until all before it is on the disk; what is not yet cannot be read.
        await using (var flush = new NpgsqlCommand("select pg_logical_emit_message(true, 'bench', '')", _connection))
        {
            await flush.ExecuteNonQueryAsync();
        }

        await using var command = new NpgsqlCommand(Summary, _connection) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _from });
        await using var rows = await command.ExecuteReaderAsync();
        var writes = new List<TableWrites>();
        while (await rows.ReadAsync())
        {
            writes.Add(new(rows.GetString(0), rows.GetString(1), Each(2), Each(3), Each(4), Each(5), Each(6), Each(7), Each(8)));
        }

        return writes;

        double Each(int column) => (double)rows.GetInt64(column) / tasks;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _source.DisposeAsync();
    }
}
