using Microsoft.AspNetCore.Cors.Infrastructure;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Settings;

namespace TodoFlow.Host.Http;

/// <summary>
/// Whose pages may call this host from a browser (CORS, the Fetch standard). Under the Functions host the platform does it:
/// docs/local-functions.md.
/// </summary>
internal sealed class CorsSettings : ISettings
{
    private const string Anyone = "*";

    /// <inheritdoc/>
    public static string Section => "Cors";

    /// <summary>Exact origins such as <c>https://tasks.example.com</c>, or <c>*</c> for all; none by default.</summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>
    /// What those pages may do: what the API offers, and read what its responses say. Cookies are not among it: who calls is told by the
    /// header Authorization alone.
    /// </summary>
    public void Allow(CorsPolicyBuilder policy)
    {
        policy
            .WithMethods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
            .AllowAnyHeader()
            .WithExposedHeaders(
                "ETag", "Link", "Location", "Retry-After", "WWW-Authenticate", "X-Total-Count", "X-Unread-Count",
                "RateLimit", "RateLimit-Policy", CorrelationMiddleware.Header, IdempotentRequests.ReplayedHeader)
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10));
        _ = AllowedOrigins.Contains(Anyone) ? policy.AllowAnyOrigin() : policy.WithOrigins(AllowedOrigins);
    }

    /// <inheritdoc/>
    public IEnumerable<string> Check() =>
        from origin in AllowedOrigins
        where origin != Anyone && !(Uri.TryCreate(origin, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https") && uri.GetLeftPart(UriPartial.Authority) == origin)
        select $"Cors:AllowedOrigins has '{origin}': an origin is a scheme, a host and a port where it is not the scheme's own, in lower case and without a path, such as https://tasks.example.com; or *.";
}
