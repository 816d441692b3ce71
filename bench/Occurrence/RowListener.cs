using System.Threading.Channels;
using Npgsql;

namespace TodoFlow.Bench.Occurrence;

/// <summary>Hears of rows by their id as soon as they are committed, over a connection of its own.</summary>
internal sealed class RowListener : IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Channel<Guid> _rows = Channel.CreateUnbounded<Guid>();
    private readonly NpgsqlConnection _connection;

    private RowListener(NpgsqlConnection connection)
    {
        _connection = connection;
        connection.Notification += (_, notification) => _rows.Writer.TryWrite(Guid.Parse(notification.Payload));
    }

    /// <summary>Listens to a channel of PostgreSQL.</summary>
    public static async Task<RowListener> To(NpgsqlDataSource source, string channel)
    {
        var listener = new RowListener(await source.OpenConnectionAsync());
        await using var listen = new NpgsqlCommand($"listen {channel}", listener._connection);
        await listen.ExecuteNonQueryAsync();
        return listener;
    }

    /// <summary>The next row.</summary>
    /// <exception cref="TimeoutException">There was none within half a minute.</exception>
    public async Task<Guid> Next(CancellationToken ct)
    {
        Guid row;
        while (!_rows.Reader.TryRead(out row))
        {
            if (!await _connection.WaitAsync(Longest, ct))
            {
                throw new TimeoutException($"No row within {Longest}.");
            }
        }

        return row;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
