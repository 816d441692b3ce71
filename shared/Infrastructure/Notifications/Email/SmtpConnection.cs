using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace TodoFlow.Infrastructure.Notifications.Email;

/// <summary>
/// A connection to an SMTP server (RFC 5321) on which a message is submitted: STARTTLS (RFC 3207) or TLS (RFC 8314), AUTH PLAIN and
/// LOGIN (RFC 4954), SMTPUTF8 (RFC 6531). The framework's client has neither TLS from the first byte nor SMTPUTF8 that can be asked for.
/// </summary>
internal sealed class SmtpConnection : IAsyncDisposable
{
    private const int LongestLine = 8192; // RFC 5321 asks for 512
    private const int MostLines = 200;

    private readonly TcpClient tcp = new();
    private readonly byte[] buffer = new byte[LongestLine];
    private Stream stream = Stream.Null;
    private int start;
    private int end;
    private SmtpReply extensions = new(0, []);

    private SmtpConnection()
    {
    }

    /// <summary>Connects, secures the connection and signs in.</summary>
    /// <exception cref="SmtpRefusedException">The server does not let us in now, or not without giving up the security that is asked for.</exception>
    /// <exception cref="Exception">The network or the server's certificate failed.</exception>
    public static async Task<SmtpConnection> Open(EmailSettings settings, X509Certificate2Collection? trusted, CancellationToken ct)
    {
        var connection = new SmtpConnection();
        try
        {
            await connection.Connect(settings, trusted, ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Submits a message. When this returns, the server has taken responsibility for it.</summary>
    /// <param name="from">The sender's address.</param>
    /// <param name="to">The recipient's address.</param>
    /// <param name="message">The message with CRLF line ends.</param>
    /// <param name="ct">Ends the try.</param>
    /// <exception cref="SmtpRefusedException">The server refuses the message, now or for good.</exception>
    public async Task Send(string from, string to, string message, CancellationToken ct)
    {
        var utf8 = !Ascii.IsValid(message) || !Ascii.IsValid(from) || !Ascii.IsValid(to);
        if (utf8 && !extensions.Offers("SMTPUTF8"))
        {
            throw new SmtpRefusedException("smtputf8_unavailable", isForGood: true);
        }

        await Submit($"MAIL FROM:<{from}>{(utf8 ? " SMTPUTF8 BODY=8BITMIME" : "")}", 250, ct);
        await Submit($"RCPT TO:<{to}>", 250, ct);
        await Submit("DATA", 354, ct);
        var stuffed = ("\r\n" + message).Replace("\r\n.", "\r\n..", StringComparison.Ordinal)[2..]; // section 4.5.2
        await Submit((stuffed.EndsWith("\r\n", StringComparison.Ordinal) ? stuffed : stuffed + "\r\n") + ".", 250, ct);
    }

    /// <summary>Says good-bye; what the server answers no longer matters.</summary>
    public async Task Quit(CancellationToken ct)
    {
        try
        {
            await Command("QUIT", ct);
        }
        catch (Exception error) when (error is IOException or SmtpRefusedException or OperationCanceledException)
        {
            // The message is sent.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        tcp.Dispose();
    }

    private async Task Connect(EmailSettings settings, X509Certificate2Collection? trusted, CancellationToken ct)
    {
        await tcp.ConnectAsync(settings.Host!, settings.Port, ct);
        tcp.NoDelay = true;
        stream = tcp.GetStream();
        if (settings.Security == EmailSettings.Tls)
        {
            await Secure(settings.Host!, trusted, ct);
        }

        Admit(await Read(ct));
        await Greet(ct);
        if (settings.Security == EmailSettings.StartTls)
        {
            if (!extensions.Offers("STARTTLS"))
            {
                throw new SmtpRefusedException("starttls_unavailable"); // never in plain text instead
            }

            Admit(await Command("STARTTLS", ct));
            if (start != end)
            {
                throw new SmtpRefusedException("protocol_error"); // what came before TLS was injected by somebody else
            }

            await Secure(settings.Host!, trusted, ct);
            await Greet(ct);
        }

        if (!string.IsNullOrEmpty(settings.User))
        {
            await SignIn(settings.User, settings.Password!, ct);
        }
    }

    private async Task Secure(string host, X509Certificate2Collection? trusted, CancellationToken ct)
    {
        var tls = new SslStream(stream);
        stream = tls;
        var options = new SslClientAuthenticationOptions { TargetHost = host };
        if (trusted is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        }

        await tls.AuthenticateAsClientAsync(options, ct);
    }

    private async Task Greet(CancellationToken ct)
    {
        var address = ((IPEndPoint)tcp.Client.LocalEndPoint!).Address;
        var literal = address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6
            ? $"[IPv6:{new IPAddress(address.GetAddressBytes())}]"
            : $"[{address.MapToIPv4()}]"; // section 4.1.4: we have no name of our own
        extensions = Admit(await Command($"EHLO {literal}", ct));
    }

    private async Task SignIn(string user, string password, CancellationToken ct)
    {
        var mechanisms = extensions.Parameters("AUTH") ?? [];
        if (mechanisms.Contains("PLAIN", StringComparer.OrdinalIgnoreCase))
        {
            Admit(await Command($"AUTH PLAIN {Base64($"\0{user}\0{password}")}", ct));
        }
        else if (mechanisms.Contains("LOGIN", StringComparer.OrdinalIgnoreCase))
        {
            await Challenge("AUTH LOGIN", ct);
            await Challenge(Base64(user), ct);
            Admit(await Command(Base64(password), ct));
        }
        else
        {
            throw new SmtpRefusedException("auth_unavailable");
        }
    }

    private async Task Challenge(string command, CancellationToken ct)
    {
        if (await Command(command, ct) is { Code: not 334 } reply)
        {
            Admit(reply);
            throw new SmtpRefusedException("protocol_error");
        }
    }

    // Before a message is named, a refusal is about us or the server, not about the message: it may be mended meanwhile.
    private static SmtpReply Admit(SmtpReply reply) => reply.IsPositive ? reply : throw new SmtpRefusedException(Word(reply));

    private async Task Submit(string command, int expected, CancellationToken ct)
    {
        var reply = await Command(command, ct);
        if (reply.Code != expected && !(expected == 250 && reply.IsPositive))
        {
            throw new SmtpRefusedException(Word(reply), isForGood: reply.Code is >= 500 and < 600);
        }
    }

    private static string Word(SmtpReply reply) => string.Create(CultureInfo.InvariantCulture, $"smtp_{reply.Code}");

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private async Task<SmtpReply> Command(string command, CancellationToken ct)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(command + "\r\n"), ct);
        await stream.FlushAsync(ct);
        return await Read(ct);
    }

    private async Task<SmtpReply> Read(CancellationToken ct)
    {
        var lines = new List<string>();
        while (lines.Count < MostLines)
        {
            var line = await ReadLine(ct);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code < 200)
            {
                break;
            }

            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ')
            {
                return new(code, lines);
            }
        }

        throw new SmtpRefusedException("protocol_error");
    }

    private async Task<string> ReadLine(CancellationToken ct)
    {
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = Encoding.UTF8.GetString(buffer, start, length).TrimEnd('\r');
                start += length + 1;
                return line;
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            if (end == buffer.Length)
            {
                throw new SmtpRefusedException("protocol_error");
            }

            var read = await stream.ReadAsync(buffer.AsMemory(end), ct);
            end += read > 0 ? read : throw new IOException("The server hung up.");
        }
    }
}
