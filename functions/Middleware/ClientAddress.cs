using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;

namespace TodoFlow.Functions.Middleware;

/// <summary>Whom a request comes from, as far as that can be believed.</summary>
public static class ClientAddress
{
    private const string ForwardedFor = "X-Forwarded-For";

    // What the Azure host tells of the headers that it received, unless a field of the request took the name.
    private const string HeadersReceived = "Headers";

    /// <summary>
    /// The address of the client, behind so many proxies, each of which appended to <c>X-Forwarded-For</c> the address
    /// that it was called from. Where the header has too few addresses or rubbish, it is that of the last hop that can be
    /// told. An IPv6 address stands for its /48, which is what one subscriber may have.
    /// </summary>
    /// <remarks>
    /// The Azure host forwards requests to its worker with a header of its own, which names last whoever called the host. The header
    /// that the host received is in the invocation's data. Where a client may have put that there itself, nothing is believed; where
    /// the host sent on what it received, its caller is unknown. Then the address is the host's: such requests count as one client's.
    /// </remarks>
    /// <exception cref="ProblemException">The body is too large to look into.</exception>
    public static async ValueTask<IPAddress> Of(FunctionContext context, HttpContext http, int trustedProxies)
    {
        if (!context.BindingContext.BindingData.Any(data => IsHeadersReceived(data.Key)))
        {
            return Of(http, trustedProxies); // no host in between
        }

        var host = http.Connection.RemoteIpAddress ?? IPAddress.None;
        if (await NamesHeaders(http.Request, http.RequestAborted)
            || Received(context.BindingContext.BindingData.GetValueOrDefault(HeadersReceived)) is not { } received)
        {
            return Subscriber(host);
        }

        var sent = http.Request.Headers[ForwardedFor].ToString();
        var caller = sent != received && IPEndPoint.TryParse(sent.Split(',')[^1].Trim(), out var named) ? named.Address : host;
        return Of(caller, received, trustedProxies);
    }

    /// <summary>The same, where the process that runs the functions is the one that was called.</summary>
    public static IPAddress Of(HttpContext http, int trustedProxies) =>
        Of(http.Connection.RemoteIpAddress ?? IPAddress.None, string.Join(',', http.Request.Headers[ForwardedFor].AsEnumerable()), trustedProxies);

    private static IPAddress Of(IPAddress address, string forwardedFor, int trustedProxies)
    {
        var forwarded = forwardedFor.Split(',');
        for (var proxy = 1; proxy <= trustedProxies && proxy <= forwarded.Length; proxy++)
        {
            if (!IPEndPoint.TryParse(forwarded[^proxy].Trim(), out var hop)) // with or without a port
            {
                break;
            }

            address = hop.Address;
        }

        return Subscriber(address);
    }

    private static IPAddress Subscriber(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(6).Clear();
        return new IPAddress(bytes);
    }

    // The host's JSON of all headers; null where it is something else.
    private static string? Received(object? headers)
    {
        try
        {
            var received = JsonSerializer.Deserialize<Dictionary<string, string>>(headers as string ?? "null");
            return received?.FirstOrDefault(header => header.Key.Equals(ForwardedFor, StringComparison.OrdinalIgnoreCase)).Value ?? "";
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // The host gives the name to a parameter of the query or a field of the body before it gives it to the headers.
    private static async Task<bool> NamesHeaders(HttpRequest request, CancellationToken ct)
    {
        if (request.Query.ContainsKey(HeadersReceived))
        {
            return true;
        }

        var body = await request.ReadBody(ct);
        try
        {
            using var json = JsonDocument.Parse(body.IsEmpty ? "{}"u8.ToArray() : body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.EnumerateObject().Any(field => IsHeadersReceived(field.Name));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException) // names that are not Unicode
        {
            return true; // the host reads JSON less strictly
        }
    }

    private static bool IsHeadersReceived(string name) => name.Equals(HeadersReceived, StringComparison.OrdinalIgnoreCase);
}
