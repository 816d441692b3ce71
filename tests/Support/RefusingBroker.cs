using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Confluent.Kafka;

namespace TodoFlow.Tests.Support;

/// <summary>
/// A broker that speaks as much of the Kafka protocol as it takes to refuse a client's password; or TLS with a certificate that nobody
/// has signed.
/// </summary>
public sealed class RefusingBroker : IAsyncDisposable
{
    private const short SaslHandshake = 17;
    private const short ApiVersions = 18;
    private const short SaslAuthenticate = 36;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2? _certificate;
    private readonly Task _accepting;

    private RefusingBroker(X509Certificate2? certificate)
    {
        _certificate = certificate;
        _listener.Start();
        _accepting = Accept();
    }

    /// <summary>Its address.</summary>
    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>A broker that refuses every password.</summary>
    public static RefusingBroker OfPasswords() => new(null);

    /// <summary>A broker whose certificate nobody trusts.</summary>
    public static RefusingBroker WithoutTrust()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        return new(request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1)));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting; // first: who accepts from a listener that was stopped in between is told of a wrong call, not of the end
        _listener.Stop();
        _certificate?.Dispose();
        _stop.Dispose();
    }

    private async Task Accept()
    {
        var clients = new List<Task>();
        try
        {
            while (true)
            {
                clients.Add(Serve(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(clients);
        }
    }

    private async Task Serve(TcpClient client)
    {
        using (client)
        {
            try
            {
                if (_certificate is null)
                {
                    await Refuse(client.GetStream());
                    return;
                }

                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                await tls.CopyToAsync(Stream.Null, _stop.Token); // until the client has read the certificate, and hangs up
            }
            catch (Exception error) when (error is IOException or System.Security.Authentication.AuthenticationException or OperationCanceledException)
            {
                // It has hung up, as it should, or the test ends.
            }
        }
    }

    private async Task Refuse(NetworkStream stream)
    {
        var head = new byte[12];
        while (true)
        {
            await stream.ReadExactlyAsync(head, _stop.Token);
            var rest = new byte[BinaryPrimitives.ReadInt32BigEndian(head) - 8];
            await stream.ReadExactlyAsync(rest, _stop.Token);
            var (request, version) = (BinaryPrimitives.ReadInt16BigEndian(head.AsSpan(4)), BinaryPrimitives.ReadInt16BigEndian(head.AsSpan(6)));
            byte[] body = request switch
            {
                // What it knows, in the oldest form; clients that ask in a newer one ask again.
                ApiVersions => [.. Number(version == 0 ? (short)0 : (short)35), .. Number(3), .. Versions(SaslHandshake, 1), .. Versions(ApiVersions, 0), .. Versions(SaslAuthenticate, 0)],
                SaslHandshake => [.. Number((short)0), .. Number(1), .. Text("PLAIN")],
                _ => [.. Number((short)ErrorCode.SaslAuthenticationFailed), .. Text("invalid credentials"), .. Number(0)],
            };
            await stream.WriteAsync((byte[])[.. Number(body.Length + 4), .. head.AsSpan(8), .. body], _stop.Token);
        }
    }

    private static byte[] Versions(short request, short latest) => [.. Number(request), .. Number((short)0), .. Number(latest)];

    private static byte[] Text(string text) => [.. Number((short)text.Length), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Number(short number) => [(byte)(number >> 8), (byte)number];

    private static byte[] Number(int number) => [.. Number((short)(number >> 16)), .. Number((short)number)];
}
