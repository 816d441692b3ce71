using System.Buffers;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using MimeKit;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.IO;
using SmtpServer.Mail;
using SmtpServer.Net;
using SmtpServer.Protocol;
using SmtpServer.Storage;
using TodoFlow.Host;

namespace TodoFlow.Tests.Support;

/// <summary>What a <see cref="MailServer"/> offers and refuses.</summary>
public sealed record MailServerOptions
{
    /// <summary>With one it offers STARTTLS, or TLS from the first byte where <see cref="Tls"/> says so.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>TLS from the first byte.</summary>
    public bool Tls { get; init; }

    /// <summary>Whose password is right; null where nobody signs in.</summary>
    public (string User, string Password)? Account { get; init; }

    /// <summary>How to sign in: PLAIN or LOGIN.</summary>
    public string Method { get; init; } = "PLAIN";

    /// <summary>An extension that it does not offer.</summary>
    public string? Without { get; init; }

    /// <summary>How many connections get a 421 first.</summary>
    public int Busy { get; init; }

    /// <summary>Which recipients get which code.</summary>
    public Dictionary<string, int> Refused { get; init; } = [];
}

/// <summary>A mail that a <see cref="MailServer"/> took.</summary>
/// <param name="Message">The message.</param>
/// <param name="Lines">Its lines as they came.</param>
/// <param name="To">The recipients of its envelope.</param>
/// <param name="Secure">Whether it came over TLS.</param>
/// <param name="User">Who had signed in.</param>
public sealed record ReceivedMail(MimeMessage Message, string[] Lines, string[] To, bool Secure, string? User);

/// <summary>A mail server on this machine: the package SmtpServer, which can do all but the greeting 421 and hiding an extension.</summary>
public sealed class MailServer : IAsyncDisposable
{
    private readonly Channel<ReceivedMail> _received = Channel.CreateUnbounded<ReceivedMail>();
    private readonly SmtpServer.SmtpServer _server;
    private readonly Task _running;

    /// <summary>Starts it.</summary>
    public MailServer(MailServerOptions? options = null)
    {
        options ??= new();
        var services = new SmtpServer.ComponentModel.ServiceProvider();
        var listeners = new Listeners(options.Busy);
        listeners.EndpointStarted += (_, started) => Port = ((IPEndPoint)started.LocalEndPoint).Port;
        services.Add(listeners);
        services.Add(new Commands(options));
        services.Add(new DelegatingUserAuthenticator((user, password) => (user, password) == options.Account));
        services.Add(new Recipients(options.Refused));
        services.Add(new Store(_received.Writer));
        var endpoint = new EndpointDefinitionBuilder()
            .Endpoint(new IPEndPoint(IPAddress.Loopback, 0))
            .IsSecure(options.Tls)
            .AuthenticationRequired(options.Account is not null)
            .SupportedSslProtocols(SslProtocols.None);
        if (options.Certificate is { } certificate)
        {
            endpoint.Certificate(certificate);
        }

        _server = new(new SmtpServerOptionsBuilder().ServerName("localhost").Endpoint(endpoint.Build()).Build(), services);
        _running = _server.StartAsync(CancellationToken.None); // it listens before its first await
    }

    /// <summary>Where it listens on this machine.</summary>
    public int Port { get; private set; }

    /// <summary>Whether no mail waits to be read.</summary>
    public bool ReceivedNothing => _received.Reader.Count == 0;

    /// <summary>Lets an application send through it.</summary>
    public void Configure(HostApplicationOptions options)
    {
        options.Settings["Email:Host"] = "127.0.0.1";
        options.Settings["Email:Port"] = $"{Port}";
        options.Settings["Email:Security"] = "none";
        options.Settings["Email:From"] = "reminders@example.com";
        options.Settings["Email:PublicUrl"] = "https://todo.example.com";
    }

    /// <summary>The next mail that it took; fails the test when none comes.</summary>
    public Task<ReceivedMail> Next() => _received.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _server.Shutdown();
        await _running.WaitAsync(TimeSpan.FromMinutes(2));
    }

    private sealed class Store(ChannelWriter<ReceivedMail> received) : MessageStore
    {
        public override Task<SmtpResponse> SaveAsync(ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            var bytes = buffer.ToArray();
            using var stream = new MemoryStream(bytes);
            received.TryWrite(new(
                MimeMessage.Load(stream, cancellationToken),
                Encoding.UTF8.GetString(bytes).Split("\r\n"),
                [.. transaction.To.Select(to => to.AsAddress())],
                context.Pipe.IsSecure,
                context.Authentication.IsAuthenticated ? context.Authentication.User : null));
            return Task.FromResult(SmtpResponse.Ok);
        }
    }

    private sealed class Recipients(Dictionary<string, int> refused) : MailboxFilter
    {
        public override Task<bool> CanDeliverToAsync(ISessionContext context, IMailbox to, IMailbox from, CancellationToken cancellationToken) =>
            refused.TryGetValue(to.AsAddress(), out var code)
                ? throw new SmtpResponseException(new SmtpResponse((SmtpReplyCode)code, $"No {to.AsAddress()} here"))
                : Task.FromResult(true);
    }

    private sealed class Commands(MailServerOptions options) : SmtpCommandFactory
    {
        public override SmtpCommand CreateEhlo(string domainOrAddress) => new Ehlo(domainOrAddress, options);
    }

    private sealed class Ehlo(string domain, MailServerOptions options) : EhloCommand(domain)
    {
        protected override IEnumerable<string> GetExtensions(ISessionContext context) => base.GetExtensions(context)
            .Where(extension => extension != options.Without && (options.Account is not null || !extension.StartsWith("AUTH", StringComparison.Ordinal)))
            .Select(extension => extension.StartsWith("AUTH", StringComparison.Ordinal) ? $"AUTH {options.Method}" : extension);
    }

    private sealed class Listeners(int busy) : EndpointListenerFactory
    {
        public override IEndpointListener CreateListener(IEndpointDefinition endpointDefinition) => new Listener(base.CreateListener(endpointDefinition), busy);
    }

    private sealed class Listener(IEndpointListener inner, int busy) : IEndpointListener
    {
        private int _busy = busy;

        public async Task<ISecurableDuplexPipe> GetPipeAsync(ISessionContext context, CancellationToken cancellationToken)
        {
            while (true)
            {
                var pipe = await inner.GetPipeAsync(context, cancellationToken);
                if (_busy-- <= 0)
                {
                    return pipe;
                }

                await pipe.Output.WriteAsync("421 Try again later\r\n"u8.ToArray(), cancellationToken);
                pipe.Dispose();
                context.Properties.Clear();
            }
        }

        public void Dispose() => inner.Dispose();
    }
}
