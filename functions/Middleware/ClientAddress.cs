using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace TodoFlow.Functions.Middleware;

/// <summary>Whom a request comes from, as far as that can be believed.</summary>
public static class ClientAddress
{
    /// <summary>
    /// The address of the client, behind so many proxies, each of which appended to <c>X-Forwarded-For</c> the address
    /// that it was called from. Where the header has too few addresses or rubbish, it is that of the last hop that can be
    /// told. An IPv6 address stands for its /64, which is what one subscriber has.
    /// </summary>
    public static IPAddress Of(HttpContext http, int trustedProxies)
    {
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        var forwarded = string.Join(',', http.Request.Headers["X-Forwarded-For"].AsEnumerable()).Split(',');
        for (var proxy = 1; proxy <= trustedProxies && proxy <= forwarded.Length; proxy++)
        {
            if (!IPEndPoint.TryParse(forwarded[^proxy].Trim(), out var hop)) // with or without a port
            {
                break;
            }

            address = hop.Address;
        }

        return Subscriber(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
    }

    private static IPAddress Subscriber(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
