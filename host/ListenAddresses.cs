using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TodoFlow.Host.Configuration;

namespace TodoFlow.Host;

/// <summary>The addresses that the host is to listen on.</summary>
internal static class ListenAddresses
{
    /// <summary>Tries each address before anything else is started: a host that cannot listen must not have begun to work.</summary>
    /// <exception cref="HostStartException">One cannot be listened on; the message says what to do.</exception>
    public static void RequireFree(IEnumerable<string> addresses)
    {
        foreach (var address in addresses)
        {
            var uri = new Uri(address.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal));
            if (uri.Port != 0) // 0 is any that is free
            {
                Try(address.TrimEnd('/'), uri);
            }
        }
    }

    /// <summary>Adds an address to those of Kestrel, which takes it as it does one of its own settings.</summary>
    /// <param name="kestrel">Where it is added.</param>
    /// <param name="address">The address.</param>
    /// <param name="configure">What is special about its connections.</param>
    public static void Listen(KestrelServerOptions kestrel, string address, Action<ListenOptions> configure)
    {
        var parsed = BindingAddress.Parse(address);
        if (string.Equals(parsed.Host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            kestrel.ListenLocalhost(parsed.Port, configure);
        }
        else if (IPAddress.TryParse(parsed.Host, out var ip))
        {
            kestrel.Listen(ip, parsed.Port, configure);
        }
        else // any other name, too
        {
            kestrel.ListenAnyIP(parsed.Port, configure);
        }
    }

    private static void Try(string address, Uri uri)
    {
        // As Kestrel takes them: a name that is no address means every interface.
        var ip = uri.Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(uri.Host, out var parsed) ? parsed : IPAddress.Any;
        try
        {
            using var listener = new TcpListener(ip, uri.Port);
            listener.Start();
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new HostStartException($"Failed to bind to address {address}: address already in use. Stop what listens there, or choose another with --urls.", error);
        }
        catch (SocketException error)
        {
            throw new HostStartException($"Cannot listen on {address}: {error.Message}", error);
        }
    }
}
