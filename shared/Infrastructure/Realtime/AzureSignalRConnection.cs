using System.Text;
using Microsoft.Extensions.Options;

namespace TodoFlow.Infrastructure.Realtime;

/// <summary>A connection string of Azure SignalR Service, read: <c>Endpoint</c>, <c>AccessKey</c>, and where they are given <c>Port</c> and <c>ClientEndpoint</c>.</summary>
public sealed class AzureSignalRConnection
{
    private const int FewestKeyBytes = 16; // the library signs with none that is shorter

    private AzureSignalRConnection(Uri endpoint, Uri? clientEndpoint, byte[] accessKey)
    {
        Endpoint = Origin(endpoint);
        Audience = $"{endpoint.Scheme}://{endpoint.Host}";
        ClientEndpoint = clientEndpoint is null ? Endpoint : Origin(clientEndpoint);
        AccessKey = accessKey;
    }

    /// <summary>Where messages are sent to.</summary>
    public string Endpoint { get; }

    /// <summary>What the service's audiences begin with: its address without a port.</summary>
    public string Audience { get; }

    /// <summary>Where clients connect.</summary>
    public string ClientEndpoint { get; }

    /// <summary>The secret that signs tokens.</summary>
    public byte[] AccessKey { get; }

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="OptionsValidationException">It lacks a part, or a part is wrong. The message does not repeat it.</exception>
    public static AzureSignalRConnection Parse(string text)
    {
        var parts = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => part.Split('=', 2))
            .Where(part => part.Length == 2)
            .GroupBy(part => part[0].Trim(), part => part[1].Trim(), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(part => part.Key, part => part.Last(), StringComparer.OrdinalIgnoreCase);
        var endpoint = Address(parts, "Endpoint") ?? throw Wrong("names no Endpoint");
        if (parts.TryGetValue("Port", out var port))
        {
            endpoint = ushort.TryParse(port, out var number) && number > 0
                ? new UriBuilder(endpoint) { Port = number }.Uri
                : throw Wrong("has no number as its Port");
        }

        var key = Encoding.UTF8.GetBytes(parts.GetValueOrDefault("AccessKey") ?? throw Wrong("names no AccessKey; access by identity is not supported"));
        return key.Length >= FewestKeyBytes
            ? new(endpoint, Address(parts, "ClientEndpoint"), key)
            : throw Wrong($"has an AccessKey of less than {FewestKeyBytes} bytes");
    }

    private static Uri? Address(Dictionary<string, string> parts, string name) =>
        !parts.TryGetValue(name, out var text) ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
        : throw Wrong($"has no http or https address as its {name}");

    private static string Origin(Uri address) => address.GetLeftPart(UriPartial.Authority);

    private static OptionsValidationException Wrong(string reason) =>
        new(AzureSignalR.Setting, typeof(AzureSignalRConnection), [$"{AzureSignalR.Setting} {reason}."]);
}
