using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;
using TodoFlow.Domain.Accounts;

namespace TodoFlow.Infrastructure.Notifications.Email;

/// <summary>Sends one message over one connection to the SMTP server of the settings.</summary>
public sealed class SmtpSender(IOptions<EmailSettings> settings)
{
    private const SmtpCapabilities AnyScript = SmtpCapabilities.UTF8 | SmtpCapabilities.EightBitMime; // RFC 6531

    private readonly Lazy<X509Certificate2Collection?> _trusted = new(() => ReadTrusted(settings.Value.SslCaLocation));

    /// <summary>An address as SMTP takes it: the domain in ASCII, which every server understands; what stands before the @ may need SMTPUTF8.</summary>
    /// <returns>Null where there is none, or mail cannot be sent to it.</returns>
    public static string? Recipient(string stored)
    {
        if (!EmailAddress.TryParse(stored, out var address))
        {
            return null;
        }

        var at = address.Address.LastIndexOf('@');
        try
        {
            return $"{address.Address[..at]}@{new IdnMapping().GetAscii(address.Address[(at + 1)..])}";
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Tries once to send a message.</summary>
    public async Task<DeliveryOutcome> Send(MimeMessage mail, CancellationToken ct)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var client = new TrustingClient(_trusted.Value);
        var submits = false; // before that, a refusal is about us or the server, not about the message: it may be mended meanwhile
        try
        {
            await Connect(client, socket, ct);
            submits = true;
            return await Submit(client, mail, ct);
        }
        catch (SslHandshakeException) when (ct.IsCancellationRequested)
        {
            throw new OperationCanceledException(ct); // which MailKit took for a failed handshake
        }
        catch (Exception error) when (ReasonOf(error, client) is not null)
        {
            var reason = ReasonOf(error, client)!;
            return submits && error is SmtpCommandException refused && (int)refused.StatusCode / 100 == 5 ? DeliveryOutcome.Failed(reason) : DeliveryOutcome.Retry(reason);
        }
    }

    private async Task Connect(SmtpClient client, Socket socket, CancellationToken ct)
    {
        var server = settings.Value;
        await socket.ConnectAsync(server.Host!, server.Port, ct);
        client.LocalDomain = ((IPEndPoint)socket.LocalEndPoint!).Address.ToString(); // RFC 5321 section 4.1.4: we have no name of our own
        var security = server.Security switch
        {
            EmailSettings.Tls => SecureSocketOptions.SslOnConnect,
            EmailSettings.StartTls => SecureSocketOptions.StartTls, // or fails: never in plain text instead
            _ => SecureSocketOptions.None,
        };
        await client.ConnectAsync(socket, server.Host!, server.Port, security, ct);
        if (!string.IsNullOrEmpty(server.User))
        {
            await client.AuthenticateAsync(server.User, server.Password!, ct);
        }
    }

    private static async Task<DeliveryOutcome> Submit(SmtpClient client, MimeMessage mail, CancellationToken ct)
    {
        var format = FormatOptions.Default.Clone();
        format.International = mail.To.Mailboxes.Any(to => !Ascii.IsValid(to.GetAddress(idnEncode: true))); // its domain can always be ASCII
        if (!format.International)
        {
            client.Capabilities &= ~SmtpCapabilities.UTF8; // or MailKit writes a domain of another script as it is, without asking for SMTPUTF8
        }
        else if ((client.Capabilities & AnyScript) != AnyScript)
        {
            return DeliveryOutcome.Failed("smtputf8_unavailable");
        }

        await client.SendAsync(format, mail, ct); // when it returns, the server has taken responsibility for it
        using var farewell = new CancellationTokenSource(TimeSpan.FromSeconds(1)); // not ct: the mail would be sent again
        await client.DisconnectAsync(quit: true, farewell.Token);
        return DeliveryOutcome.Sent;
    }

    // Why a try failed, in a stable word; null for what neither the server nor the way to it did. No text of the server's: it may quote the address.
    private static string? ReasonOf(Exception error, SmtpClient client) => error switch
    {
        SmtpCommandException refused => string.Create(CultureInfo.InvariantCulture, $"smtp_{(int)refused.StatusCode}"),
        AuthenticationException { InnerException: SmtpCommandException refused } => ReasonOf(refused, client),
        AuthenticationException => "auth_unavailable",
        ServiceNotAuthenticatedException => "smtp_530",
        NotSupportedException => client.IsConnected ? "auth_unavailable" : "starttls_unavailable",
        SslHandshakeException => "tls_failed",
        SmtpProtocolException or IOException or SocketException => "connection_failed",
        _ => null,
    };

    private static X509Certificate2Collection? ReadTrusted(string? file)
    {
        if (string.IsNullOrEmpty(file))
        {
            return null;
        }

        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(file);
        return certificates;
    }

    // Trusts the certificates of the settings instead of the system's, where there are some. No server of a certificate's is asked whether it is revoked.
    private sealed class TrustingClient : SmtpClient
    {
        private readonly X509Certificate2Collection? _trusted;

        public TrustingClient(X509Certificate2Collection? trusted)
        {
            _trusted = trusted;
            CheckCertificateRevocation = false;
        }

        protected override SslClientAuthenticationOptions GetSslClientAuthenticationOptions(string host, RemoteCertificateValidationCallback remoteCertificateValidationCallback)
        {
            var options = base.GetSslClientAuthenticationOptions(host, remoteCertificateValidationCallback);
            if (_trusted is not null)
            {
                options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                options.CertificateChainPolicy.CustomTrustStore.AddRange(_trusted);
            }

            return options;
        }
    }
}
