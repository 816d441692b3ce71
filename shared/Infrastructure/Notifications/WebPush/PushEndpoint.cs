using System.Net;

namespace TodoFlow.Infrastructure.Notifications.WebPush;

/// <summary>The addresses of push services that are accepted from browsers.</summary>
internal static class PushEndpoint
{
    /// <summary>The longest one, in characters.</summary>
    public const int Longest = 2048;

    /// <summary>
    /// What is wrong with an endpoint, reading on from its name; null where nothing is. Its name is not resolved: where it leads to
    /// is checked whenever a connection is made.
    /// </summary>
    /// <param name="text">The endpoint.</param>
    /// <param name="allowPrivate">Whether any http address will do.</param>
    public static string? Error(string text, bool allowPrivate)
    {
        if (text.Length > Longest || !text.All(character => character is > ' ' and <= '~') || !Uri.TryCreate(text, UriKind.Absolute, out var address))
        {
            return $"must be an absolute address of at most {Longest} ASCII characters";
        }

        if (address.Scheme != Uri.UriSchemeHttps && !(allowPrivate && address.Scheme == Uri.UriSchemeHttp))
        {
            return "must be an https address";
        }

        if (address.UserInfo.Length > 0)
        {
            return "must not hold a user name or password";
        }

        if (text.Contains('#', StringComparison.Ordinal))
        {
            return "must not have a fragment";
        }

        if (allowPrivate)
        {
            return null;
        }

        if (!address.IsDefaultPort)
        {
            return "must be at port 443";
        }

        return address.HostNameType switch
        {
            UriHostNameType.IPv4 or UriHostNameType.IPv6 => PublicAddresses.Contains(IPAddress.Parse(address.IdnHost)) ? null : "must be a public address",
            UriHostNameType.Dns => address.IdnHost.TrimEnd('.').Contains('.', StringComparison.Ordinal) ? null : "must be a public address",
            _ => "must be a public address",
        };
    }
}
