using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Observability;

namespace TodoFlow.Functions.Observability;

/// <summary>
/// The mark of a connection to the address at which the standalone host serves metrics to whoever reaches it (<c>Metrics:Url</c>).
/// Its port alone says nothing: another address may have the same.
/// </summary>
public sealed class MetricsConnection
{
    private static readonly MetricsConnection Instance = new();

    private MetricsConnection()
    {
    }

    /// <summary>Middleware of connections that marks each.</summary>
    public static ConnectionDelegate Mark(ConnectionDelegate next) => connection =>
    {
        connection.Features.Set(Instance);
        return next(connection);
    };

    /// <summary>Whether a request came over such a connection.</summary>
    public static bool IsOf(HttpContext http) => http.Features.Get<MetricsConnection>() is not null;
}

/// <summary>Who may read metrics: nobody, unless the settings say how.</summary>
public sealed class MetricsAccess(IOptions<MetricsSettings> settings)
{
    private static readonly Problem Off = new(404, "metrics_off", "Metrics are not served here: the settings Metrics:Url and Metrics:Token say where, and to whom.");
    private static readonly Problem Refused = new(401, "unauthenticated", "Send the token of the metrics: Authorization: Bearer <token>.");

    private readonly byte[]? _token = settings.Value.Token is { Length: > 0 } token ? Digest(token) : null;

    /// <summary>Lets a request pass that came to the address of the metrics, or with their token.</summary>
    /// <exception cref="ProblemException">401 without a valid token; 404 where there is none.</exception>
    public void Require(HttpRequest request)
    {
        if (MetricsConnection.IsOf(request.HttpContext))
        {
            return;
        }

        if (_token is null)
        {
            throw Off.AsException();
        }

        const string Scheme = "Bearer ";
        var sent = request.Headers.Authorization.ToString();
        if (!sent.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            || !CryptographicOperations.FixedTimeEquals(Digest(sent[Scheme.Length..].Trim()), _token))
        {
            throw Refused.AsException();
        }
    }

    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
