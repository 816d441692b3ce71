using System.Text;
using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Realtime;

/// <summary>How devices are told what changes, over SignalR.</summary>
public sealed class RealtimeSettings : ISettings
{
    private const int FewestKeyBytes = 32;
    private static readonly TimeSpan LongestTokenLifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestConnectionLifetime = TimeSpan.FromDays(30);

    /// <inheritdoc/>
    public static string Section => "Realtime";

    /// <summary>
    /// Where clients reach the standalone host from outside, such as <c>https://todo.example.com</c>; null takes the scheme and host of
    /// the request, which behind a proxy that ends TLS is not what the client used.
    /// </summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>
    /// The secret that signs the tokens of the standalone host's hub (HS256), the same on every instance: at least 32 bytes. Null takes
    /// the keys of <c>Auth:SigningKeys</c>; where there are none, because an external issuer signs people in, this one is needed.
    /// </summary>
    public string? SigningKey { get; set; }

    /// <summary>How long a token opens a connection. An open connection is not ended by it.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the standalone host keeps a connection open: then the client has to prove anew who it is.</summary>
    public TimeSpan ConnectionLifetime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>How many connections one user may have open to one instance of the standalone host.</summary>
    public int ConnectionsPerUser { get; set; } = 100;

    /// <summary>How many bytes may wait for a connection that reads too slowly; one more message, and it is dropped.</summary>
    public int SendBuffer { get; set; } = 256 * 1024;

    /// <inheritdoc/>
    public IEnumerable<string> Check()
    {
        if (PublicUrl is { } url && (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https") || url.Query.Length > 0 || url.Fragment.Length > 0))
        {
            yield return "Realtime:PublicUrl must be an http or https address without a query, such as https://todo.example.com.";
        }

        if (SigningKey is not null && Encoding.UTF8.GetByteCount(SigningKey) < FewestKeyBytes)
        {
            yield return $"Realtime:SigningKey is too short: it must hold at least {FewestKeyBytes} bytes.";
        }

        if (TokenLifetime < TimeSpan.FromSeconds(1) || TokenLifetime > LongestTokenLifetime)
        {
            yield return "Realtime:TokenLifetime must be between one second and one hour, such as 00:10:00.";
        }

        if (ConnectionLifetime < TimeSpan.FromSeconds(1) || ConnectionLifetime > LongestConnectionLifetime)
        {
            yield return "Realtime:ConnectionLifetime must be between one second and thirty days, such as 12:00:00.";
        }

        if (ConnectionsPerUser is < 1 or > 100_000)
        {
            yield return "Realtime:ConnectionsPerUser must be between 1 and 100000.";
        }

        if (SendBuffer is < 1024 or > 64 * 1024 * 1024)
        {
            yield return "Realtime:SendBuffer must be between 1024 and 67108864 bytes.";
        }
    }
}
