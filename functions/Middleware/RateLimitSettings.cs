using TodoFlow.Settings;

namespace TodoFlow.Functions.Middleware;

/// <summary>How many requests are served. Each process counts for itself.</summary>
public sealed class RateLimitSettings : ISettings
{
    /// <inheritdoc/>
    public static string Section => "RateLimits";

    /// <summary>Requests of one user in a second, and the most that may come at once.</summary>
    public int RequestsPerSecond { get; set; } = 200;

    /// <summary>Requests to the sign-in functions from one address in a minute, and the most that may come at once.</summary>
    public int SignInsPerMinute { get; set; } = 30;

    /// <summary>
    /// How many proxies in front of this process add to <c>X-Forwarded-For</c>. None by default: then the header is not
    /// believed, since any client can send it.
    /// </summary>
    public int TrustedProxies { get; set; }

    /// <inheritdoc/>
    public IEnumerable<string> Check()
    {
        if (RequestsPerSecond is < 1 or > 1_000_000)
        {
            yield return "RateLimits:RequestsPerSecond must be between 1 and 1000000.";
        }

        if (SignInsPerMinute is < 1 or > 1_000_000)
        {
            yield return "RateLimits:SignInsPerMinute must be between 1 and 1000000.";
        }

        if (TrustedProxies is < 0 or > 16)
        {
            yield return "RateLimits:TrustedProxies must be between 0 and 16.";
        }
    }
}
