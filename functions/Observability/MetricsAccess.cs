using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Observability;

namespace TodoFlow.Functions.Observability;

/// <summary>The port at which the standalone host serves metrics to whoever reaches it (<c>Metrics:Url</c>).</summary>
public sealed class MetricsPort
{
    /// <summary>Its number once the host listens; null where there is none, as in the Azure host.</summary>
    public int? Number { get; set; }
}

/// <summary>Who may read metrics: nobody, unless the settings say how.</summary>
public sealed class MetricsAccess(IOptions<MetricsSettings> settings, MetricsPort port)
{
    private static readonly Problem Off = new(404, "metrics_off", "Metrics are not served here: the settings Metrics:Url and Metrics:Token say where, and to whom.");
    private static readonly Problem Refused = new(401, "unauthenticated", "Send the token of the metrics: Authorization: Bearer <token>.");

    private readonly byte[]? _token = settings.Value.Token is { Length: > 0 } token ? Digest(token) : null;

    /// <summary>Lets a request pass that came to the port of the metrics, or with their token.</summary>
    /// <exception cref="ProblemException">401 without a valid token; 404 where there is none.</exception>
    public void Require(HttpRequest request)
    {
        if (port.Number == request.HttpContext.Connection.LocalPort)
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
