using System.Net;
using System.Net.Sockets;

namespace TodoFlow.Tests.Support;

/// <summary>Ports for processes that cannot choose one by themselves.</summary>
public static class FreePort
{
    /// <summary>A port of 127.0.0.1 that nobody listens on at this moment.</summary>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
