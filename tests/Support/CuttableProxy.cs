using System.Net;
using System.Net.Sockets;

namespace TodoFlow.Tests.Support;

/// <summary>A wire between the application and a server, which a test can cut and mend: as a server that is down, and up again.</summary>
public sealed class CuttableProxy : IDisposable
{
    private readonly string _host;
    private readonly int _port;
    private readonly Lock _sync = new();
    private readonly List<TcpClient> _open = [];
    private TcpListener _listener;
    private bool _cut;

    /// <summary>Listens on a free port, and passes everything on.</summary>
    public CuttableProxy(string host, int port)
    {
        (_host, _port) = (host, port);
        _listener = Listen(0);
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Ends every connection, and refuses new ones.</summary>
    public void Cut()
    {
        lock (_sync)
        {
            _cut = true;
            _listener.Stop();
            _open.ForEach(client => client.Dispose());
            _open.Clear();
        }
    }

    /// <summary>Lets connections through again.</summary>
    public void Mend()
    {
        lock (_sync)
        {
            _cut = false;
            _listener = Listen(Port);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Cut();

    private TcpListener Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Start();
        _ = Accept(listener);
        return listener;
    }

    private async Task Accept(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                var server = new TcpClient();
                lock (_sync)
                {
                    if (_cut)
                    {
                        client.Dispose(); // it came in while the wire was cut
                        return;
                    }

                    _open.AddRange([client, server]);
                }

                await server.ConnectAsync(_host, _port);
                _ = Pump(client, server);
                _ = Pump(server, client);
            }
        }
        catch (Exception error) when (error is SocketException or InvalidOperationException)
        {
            // Cut.
        }
    }

    private static async Task Pump(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut, or closed at the other end.
        }
        finally
        {
            to.Dispose();
        }
    }
}
