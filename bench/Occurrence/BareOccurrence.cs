using System.Diagnostics;
using Npgsql;

namespace TodoFlow.Bench.Occurrence;

/// <summary>
/// The twin: what lies between a completion and its next occurrence at the least. One connection commits a row and a notification;
/// a second one, which listens, commits the next row and a notification; a third one, which listens to that, reads the row.
/// </summary>
internal sealed class BareOccurrence : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlConnection _client;
    private readonly RowListener _seen;
    private readonly Task _consuming;

    private BareOccurrence(NpgsqlDataSource source, NpgsqlConnection client, RowListener completed, RowListener seen)
    {
        (_source, _client, _seen) = (source, client, seen);
        _consuming = Consume(completed);
    }

    /// <summary>Connects to a database, and makes a table of its own there.</summary>
    public static async Task<BareOccurrence> Over(string database)
    {
        await BenchDatabase.Execute(database, "create table bench_row (id uuid primary key, parent uuid)");
        var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { MaxAutoPrepare = 10, AutoPrepareMinUsages = 1 });
        return new(source, await source.OpenConnectionAsync(), await RowListener.To(source, "bench_completed"), await RowListener.To(source, "bench_next"));
    }

    /// <summary>Adds a row and waits for the next one.</summary>
    /// <returns>Milliseconds from sending the first to having read the second.</returns>
    public async Task<double> Complete()
    {
        var started = Stopwatch.GetTimestamp();
        await Add(_client, Guid.CreateVersion7(), null, "bench_completed");
        var next = await _seen.Next(_stop.Token);
        await using var read = new NpgsqlCommand("select parent from bench_row where id = $1", _client);
        read.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = next });
        await read.ExecuteScalarAsync();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _consuming;
        await _seen.DisposeAsync();
        await _client.DisposeAsync();
        await _source.DisposeAsync();
        _stop.Dispose();
    }

    private async Task Consume(RowListener completed)
    {
        await using var _ = completed;
        await using var connection = await _source.OpenConnectionAsync();
        try
        {
            while (true)
            {
                await Add(connection, Guid.CreateVersion7(), await completed.Next(_stop.Token), "bench_next");
            }
        }
        catch (OperationCanceledException)
        {
            // It is measured.
        }
    }

    private static async Task Add(NpgsqlConnection connection, Guid id, Guid? parent, string channel)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("insert into bench_row (id, parent) values ($1, $2)") { Parameters = { new() { Value = id }, new() { Value = (object?)parent ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid } } },
                new("select pg_notify($1, $2)") { Parameters = { new() { Value = channel }, new() { Value = id.ToString() } } },
            },
        };
        await batch.ExecuteNonQueryAsync();
    }
}
