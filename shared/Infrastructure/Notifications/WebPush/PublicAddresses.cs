using System.Net;
using System.Net.Sockets;

namespace TodoFlow.Infrastructure.Notifications.WebPush;

/// <summary>
/// Tells addresses of the public Internet from all others, by IANA's registries of special-purpose addresses. Who subscribes
/// chooses where this server connects to: it must not be led to what only the server can reach.
/// </summary>
internal static class PublicAddresses
{
    // What is not listed here is public IPv4.
    private static readonly IPNetwork[] SpecialV4 =
    [
        IPNetwork.Parse("0.0.0.0/8"), // this network
        IPNetwork.Parse("10.0.0.0/8"), // private
        IPNetwork.Parse("100.64.0.0/10"), // shared by carriers (CGNAT), and some clouds' metadata
        IPNetwork.Parse("127.0.0.0/8"), // loopback
        IPNetwork.Parse("168.63.129.16/32"), // Azure's own services: public by number only
        IPNetwork.Parse("169.254.0.0/16"), // link-local, and most clouds' metadata
        IPNetwork.Parse("172.16.0.0/12"), // private
        IPNetwork.Parse("192.0.0.0/24"), // protocol assignments
        IPNetwork.Parse("192.0.2.0/24"), // documentation
        IPNetwork.Parse("192.88.99.0/24"), // 6to4 relays
        IPNetwork.Parse("192.168.0.0/16"), // private
        IPNetwork.Parse("198.18.0.0/15"), // benchmarks
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"), // documentation
        IPNetwork.Parse("224.0.0.0/4"), // multicast
        IPNetwork.Parse("240.0.0.0/4"), // reserved, and broadcast
    ];

    // IPv6 that is public is in here: loopback, link-local, unique-local, multicast and IPv4-compatible addresses are not...
    private static readonly IPNetwork GlobalV6 = IPNetwork.Parse("2000::/3");

    // ...and not in here.
    private static readonly IPNetwork[] SpecialV6 =
    [
        IPNetwork.Parse("2001::/23"), // protocol assignments; Teredo, which tunnels to any IPv4
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("2002::/16"), // 6to4, which tunnels to any IPv4
        IPNetwork.Parse("3fff::/20"), // documentation
    ];

    // RFC 6052: the last four bytes are an IPv4 address, which a translator connects to.
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Whether an address is one of the public Internet.</summary>
    public static bool Contains(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => !SpecialV4.Any(network => network.Contains(address)),
            AddressFamily.InterNetworkV6 when Nat64.Contains(address) => Contains(new IPAddress(address.GetAddressBytes().AsSpan(12))),
            AddressFamily.InterNetworkV6 => GlobalV6.Contains(address) && !SpecialV6.Any(network => network.Contains(address)),
            _ => false,
        };
    }
}
