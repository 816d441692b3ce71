using System.Net;
using System.Net.Sockets;

namespace TodoFlow.Infrastructure.Notifications.WebPush;

/// <summary>Finds the addresses of a host name.</summary>
internal delegate Task<IPAddress[]> ResolveHost(string host, CancellationToken ct);

/// <summary>An endpoint leads to an address that is not public.</summary>
internal sealed class PrivateEndpointException() : IOException("The endpoint leads to a private address.");

/// <summary>
/// Connects to push services, to public addresses only. The addresses are checked that are connected to: a name that changes its
/// meaning between a check and its use, or an endpoint stored before a rule, leads nowhere.
/// </summary>
internal static class PushConnections
{
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(5); // a push service that moves is found again

    /// <summary>Makes the handler of an HTTP client: no redirects, no cookies, no proxy of the environment, little of any answer.</summary>
    public static SocketsHttpHandler CreateHandler(bool allowPrivate, ResolveHost resolve) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false, // it would connect where we cannot see
        ActivityHeadersPropagator = null, // no trace leaves with a request, and none names an endpoint
        MaxResponseHeadersLength = 16, // KiB
        MaxResponseDrainSize = 16 * 1024,
        PooledConnectionLifetime = Renewal,
        ConnectCallback = async (context, ct) =>
        {
            var addresses = await resolve(context.DnsEndPoint.Host, ct);
            var allowed = allowPrivate ? addresses : [.. addresses.Where(PublicAddresses.Contains)];
            if (allowed.Length == 0)
            {
                throw addresses.Length == 0 ? new SocketException((int)SocketError.HostNotFound) : new PrivateEndpointException();
            }

            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}
