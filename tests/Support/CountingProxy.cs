using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace TodoFlow.Tests.Support;

/// <summary>
/// Stands between the host and PostgreSQL and counts round trips: how often a client sends something that ends with Sync, or with a
/// simple query, and so has to wait for a response (PostgreSQL's protocol, "Message Formats"). What leaves together is waited for
/// together: Npgsql sends BEGIN with the first statement of the transaction.
/// </summary>
public sealed class CountingProxy : IAsyncDisposable
{
    private const int StartupHeader = 4, MessageHeader = 5;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private readonly string _host;
    private readonly int _port;
    private long _roundTrips;

    private CountingProxy(string host, int port)
    {
        (_host, _port) = (host, port);
        _listener.Start();
        _accepting = Accept();
    }

    /// <summary>Listens on a free port.</summary>
    /// <param name="database">The connection string of the database that it stands before.</param>
    /// <param name="counted">The connection string by which that is reached through it; without TLS, which it could not read.</param>
    public static CountingProxy Before(string database, out string counted)
    {
        var settings = new NpgsqlConnectionStringBuilder(database) { SslMode = SslMode.Disable };
        var proxy = new CountingProxy(settings.Host!, settings.Port);
        (settings.Host, settings.Port) = ("127.0.0.1", ((IPEndPoint)proxy._listener.LocalEndpoint).Port);
        counted = settings.ConnectionString;
        return proxy;
    }

    /// <summary>The round trips so far, of all connections.</summary>
    public long RoundTrips => Interlocked.Read(ref _roundTrips);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting; // first: who accepts from a listener that was stopped in between is told of a wrong call, not of the end
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task Accept()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(Serve(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task Serve(TcpClient client)
    {
        try
        {
            using (client)
            using (var server = new TcpClient(_host, _port))
            {
                client.NoDelay = server.NoDelay = true;
                var (front, back) = (client.GetStream(), server.GetStream());
                await Task.WhenAny(Forward(front, back), back.CopyToAsync(front, _stop.Token));
            }
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
        {
            // One of both is gone, and the other one goes with it.
        }
    }

    // Messages cross the borders of what is read at once, so the place in the stream is kept: how much of a message is still to come.
    private async Task Forward(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 * 1024];
        var header = new byte[MessageHeader];
        var (known, needed, left) = (0, StartupHeader, 0); // the first message has a length and no type
        int read;
        while ((read = await from.ReadAsync(buffer, _stop.Token)) > 0)
        {
            var ends = false;
            for (var at = 0; at < read;)
            {
                if (left > 0)
                {
                    var passed = Math.Min(left, read - at);
                    (at, left) = (at + passed, left - passed);
                    continue;
                }

                header[known++] = buffer[at++];
                if (known == needed)
                {
                    var length = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(needed - 4));
                    ends |= needed == MessageHeader && header[0] is (byte)'S' or (byte)'Q';
                    (known, needed, left) = (0, MessageHeader, length - 4);
                }
            }

            if (ends)
            {
                Interlocked.Increment(ref _roundTrips);
            }

            await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }
}
