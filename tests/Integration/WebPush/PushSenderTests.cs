using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using TodoFlow.Notifications.WebPush;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.WebPush;

/// <summary>Messages handed to a push service over HTTP, and what is made of its answers.</summary>
public sealed class PushSenderTests : IAsyncLifetime
{
    private static readonly VapidKeys Keys = VapidKeys.Create();

    private readonly FakeClock _clock = new(new DateTimeOffset(2026, 11, 22, 9, 30, 0, TimeSpan.Zero));
    private readonly PushReceiver _service = new();
    private PushBrowser _browser = null!;
    private PushSender _sender = null!;

    public async Task InitializeAsync()
    {
        await _service.InitializeAsync();
        _browser = new PushBrowser(_service.Address);
        _sender = Sender(allowPrivate: true);
    }

    public async Task DisposeAsync()
    {
        _sender.Dispose();
        _browser.Dispose();
        await _service.DisposeAsync();
    }

    [NodeFact]
    public async Task A_message_has_what_a_push_service_asks_for_and_the_browser_reads_it()
    {
        var message = new PushMessage(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), "Buy milk", "Due at 9:30", 1, null, false, null);
        var result = await _sender.Send(_browser.ToSubscription(), message.ToUtf8(), message.Topic(), CancellationToken.None);
        var received = await _service.Messages.Next();
        var read = Assert.Single(await _browser.Read(_clock.GetUtcNow(), received));

        Assert.Equal(new PushResult(PushOutcome.Taken), result);
        Assert.Equal(("POST", "/browser"), (received.Method, received.Path));
        Assert.Equal("86400", received.Headers["TTL"]);
        Assert.Equal("high", received.Headers["Urgency"]);
        Assert.Equal(message.Topic(), received.Headers["Topic"]);
        Assert.Equal("aes128gcm", received.Headers["Content-Encoding"]);
        Assert.False(received.Headers.ContainsKey("traceparent"));
        Assert.Equal("Buy milk", read.Json["title"]!.GetValue<string>());
        Assert.Equal("Due at 9:30", read.Json["body"]!.GetValue<string>());

        Assert.Equal(Keys.PublicKey, read.Key);
        Assert.Equal("ES256", read.Header!["alg"]!.GetValue<string>());
        Assert.Equal(_service.Address.GetLeftPart(UriPartial.Authority), read.Claims!["aud"]!.GetValue<string>());
        Assert.Equal("mailto:operator@example.com", read.Claims["sub"]!.GetValue<string>());
        var expires = DateTimeOffset.FromUnixTimeSeconds(read.Claims["exp"]!.GetValue<long>());
        Assert.InRange(expires, _clock.GetUtcNow().AddMinutes(1), _clock.GetUtcNow().AddHours(24)); // RFC 8292 section 2
    }

    [Theory]
    [InlineData(200, "Taken")]
    [InlineData(201, "Taken")]
    [InlineData(202, "Taken")]
    [InlineData(204, "Taken")]
    [InlineData(301, "Failed")]
    [InlineData(307, "Failed")]
    [InlineData(400, "Failed")]
    [InlineData(401, "Failed")]
    [InlineData(403, "Failed")]
    [InlineData(404, "Gone")]
    [InlineData(408, "Retry")]
    [InlineData(410, "Gone")]
    [InlineData(413, "Failed")]
    [InlineData(429, "Retry")]
    [InlineData(500, "Retry")]
    [InlineData(502, "Retry")]
    [InlineData(503, "Retry")]
    [InlineData(504, "Retry")]
    public async Task Each_answer_says_what_becomes_of_the_message(int status, string outcome)
    {
        _service.Answer = context =>
        {
            context.Response.StatusCode = status;
            return status is 204 or 304 ? Task.CompletedTask : context.Response.WriteAsync("a text of the push service");
        };

        var result = await Send();

        Assert.Equal((outcome, (TimeSpan?)null), (result.Outcome.ToString(), result.RetryAfter));
        Assert.Equal(outcome == "Taken" ? "" : $"push_{status}", result.Reason);
    }

    [Theory]
    [InlineData(429, "120", 120)]
    [InlineData(503, "1", 1)]
    [InlineData(503, "Sun, 22 Nov 2026 09:45:00 GMT", 900)]
    [InlineData(429, "Sun, 22 Nov 2026 09:00:00 GMT", null)] // over already
    [InlineData(429, "0", null)]
    [InlineData(429, "soon", null)]
    [InlineData(429, "-5", null)]
    [InlineData(429, "99999999999999999999", null)]
    [InlineData(429, "2000000000", 86400)] // nobody is asked to wait for sixty years
    [InlineData(429, "Fri, 31 Dec 9999 23:59:59 GMT", 86400)]
    public async Task Retry_After_is_honoured(int status, string header, int? seconds)
    {
        _service.Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = header;
            return Task.CompletedTask;
        };

        var result = await Send();

        Assert.Equal(PushOutcome.Retry, result.Outcome);
        Assert.Equal(seconds, result.RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        _service.Answer = context =>
        {
            context.Response.Redirect($"{_service.Address}elsewhere", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        };

        Assert.Equal(PushOutcome.Failed, (await Send()).Outcome);

        Assert.Equal("/browser", (await _service.Messages.Next()).Path);
        Assert.True(_service.Messages.IsEmpty);
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read()
    {
        _service.Answer = async context =>
        {
            context.Response.StatusCode = 201;
            var block = new byte[64 * 1024];
            try
            {
                while (!context.RequestAborted.IsCancellationRequested)
                    await context.Response.Body.WriteAsync(block, context.RequestAborted);
            }
            catch (Exception error) when (error is OperationCanceledException or IOException)
            {
                // The sender hung up.
            }
        };

        Assert.Equal(PushOutcome.Taken, (await Send()).Outcome);
    }

    [Fact]
    public async Task A_push_service_that_does_not_answer_is_given_up()
    {
        var hung = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _service.Answer = context => hung.Task.WaitAsync(context.RequestAborted);

        var sending = Send();
        await _service.Messages.Next();
        _clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(sending.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal(new PushResult(PushOutcome.Retry, "timed_out"), await sending);
        hung.SetResult();
    }

    [Fact]
    public async Task Stopping_is_no_answer_of_the_push_service()
    {
        using var stopping = new CancellationTokenSource();
        _service.Answer = async context =>
        {
            var hungUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            context.RequestAborted.Register(hungUp.SetResult);
            await stopping.CancelAsync();
            await hungUp.Task;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _sender.Send(_browser.ToSubscription(), new byte[1], "topic", stopping.Token));
    }

    [Fact]
    public async Task Nobody_listening_is_a_reason_to_try_again()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();
        using var browser = new PushBrowser(new Uri($"http://127.0.0.1:{port}"));

        var result = await _sender.Send(browser.ToSubscription(), new byte[1], "topic", CancellationToken.None);

        Assert.Equal(PushOutcome.Retry, result.Outcome);
        Assert.Equal("unreachable", result.Reason);
    }

    [Fact]
    public async Task A_push_service_that_nobody_vouches_for_is_told_nothing()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var impostor = new PushReceiver(certificate);
        await impostor.InitializeAsync();
        using var browser = new PushBrowser(impostor.Address);
        Assert.Equal(Uri.UriSchemeHttps, impostor.Address.Scheme);

        Assert.Equal(new PushResult(PushOutcome.Retry, "unreachable"), await _sender.Send(browser.ToSubscription(), new byte[1], "topic", CancellationToken.None));

        Assert.True(impostor.Messages.IsEmpty);
        await impostor.DisposeAsync();
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_a_reason_to_try_again()
    {
        using var sender = Sender(allowPrivate: false, (_, _) => throw new SocketException((int)SocketError.HostNotFound));
        using var empty = Sender(allowPrivate: false, (_, _) => Task.FromResult<IPAddress[]>([]));
        using var browser = new PushBrowser(new Uri("https://push.example.com"));

        Assert.Equal(PushOutcome.Retry, (await sender.Send(browser.ToSubscription(), new byte[1], "topic", CancellationToken.None)).Outcome);
        Assert.Equal(PushOutcome.Retry, (await empty.Send(browser.ToSubscription(), new byte[1], "topic", CancellationToken.None)).Outcome);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("fd00::1")]
    [InlineData("127.0.0.1,::1,192.168.1.1")]
    public async Task A_public_name_with_a_private_address_is_not_connected_to(string addresses)
    {
        var resolved = new List<string>();
        using var sender = Sender(allowPrivate: false, (host, _) =>
        {
            resolved.Add(host);
            return Task.FromResult<IPAddress[]>([.. addresses.Split(',').Select(IPAddress.Parse)]);
        });
        using var browser = new PushBrowser(new Uri("https://push.example.com"));

        var result = await sender.Send(browser.ToSubscription(), new byte[1], "topic", CancellationToken.None);

        Assert.Equal(new PushResult(PushOutcome.Failed, "private_address"), result);
        Assert.Equal(["push.example.com"], resolved);
    }

    [Fact]
    public async Task What_a_name_leads_to_counts_when_it_is_connected_to()
    {
        // The connection goes to the addresses that were checked: the name is not resolved a second time.
        var port = _service.Address.Port;
        using var client = new HttpClient(PushConnections.CreateHandler(allowPrivate: true, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback])));
        (await client.PostAsync(new Uri($"http://nowhere.invalid:{port}/browser"), null)).EnsureSuccessStatusCode();
        Assert.Equal($"nowhere.invalid:{port}", (await _service.Messages.Next()).Headers["Host"]);

        using var guarded = new HttpClient(PushConnections.CreateHandler(allowPrivate: false, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback])));
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => guarded.PostAsync(new Uri($"http://nowhere.invalid:{port}/browser"), null));
        Assert.IsType<PrivateEndpointException>(refused.InnerException);
        Assert.True(_service.Messages.IsEmpty);
    }

    [Fact]
    public async Task No_proxy_of_the_environment_and_no_cookie_comes_between()
    {
        using var handler = PushConnections.CreateHandler(allowPrivate: false, (_, _) => Task.FromResult<IPAddress[]>([]));
        Assert.False(handler.UseProxy);
        Assert.False(handler.AllowAutoRedirect);

        _service.Answer = context =>
        {
            context.Response.Cookies.Append("session", "1");
            return PushReceiver.Created(context);
        };
        await Send();
        await Send();
        await _service.Messages.Next();
        Assert.False((await _service.Messages.Next()).Headers.ContainsKey("Cookie"));
    }

    [Theory]
    [InlineData("http://push.example.com/x")]
    [InlineData("https://127.0.0.1/x")]
    [InlineData("https://push.example.com:8443/x")]
    public async Task An_endpoint_that_was_accepted_under_other_settings_is_not_sent_to(string endpoint)
    {
        using var sender = Sender(allowPrivate: false, (_, _) => throw new InvalidOperationException("nothing is resolved"));
        using var browser = new PushBrowser(new Uri(endpoint), "");

        var result = await sender.Send(browser.ToSubscription(), new byte[1], "topic", CancellationToken.None);

        Assert.Equal(new PushResult(PushOutcome.Failed, "endpoint_refused"), result);
    }

    [Fact]
    public async Task A_subscription_that_has_expired_is_gone_without_asking()
    {
        Assert.Equal(PushOutcome.Gone, (await _sender.Send(_browser.ToSubscription(_clock.GetUtcNow()), new byte[1], "topic", CancellationToken.None)).Outcome);
        Assert.True(_service.Messages.IsEmpty);
        Assert.Equal(PushOutcome.Taken, (await _sender.Send(_browser.ToSubscription(_clock.GetUtcNow().AddSeconds(1)), new byte[1], "topic", CancellationToken.None)).Outcome);
    }

    private Task<PushResult> Send() => _sender.Send(_browser.ToSubscription(), new byte[1], "topic", CancellationToken.None);

    private PushSender Sender(bool allowPrivate, ResolveHost? resolve = null)
    {
        var settings = Options.Create(new WebPushSettings
        {
            PublicKey = Keys.PublicKey,
            PrivateKey = Keys.PrivateKey,
            Subject = "mailto:operator@example.com",
            AllowPrivateEndpoints = allowPrivate,
        });
        return resolve is null ? new PushSender(settings, _clock) : new PushSender(settings, _clock, resolve);
    }
}
