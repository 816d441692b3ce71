using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TodoFlow.Infrastructure.Notifications.WebPush;
using Xunit;

namespace TodoFlow.Tests.Integration.WebPush;

/// <summary>What a message to a push service connects to, and what it does not.</summary>
public sealed class PushConnectionTests : PushSenderTest
{
    [Fact]
    public async Task Nobody_listening_is_a_reason_to_try_again()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();
        using var browser = new PushBrowser(new Uri($"http://127.0.0.1:{port}"));

        var result = await Sender.Send(browser.ToSubscription(), new byte[1], "topic", CancellationToken.None);

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

        Assert.Equal(new PushResult(PushOutcome.Retry, "unreachable"), await Sender.Send(browser.ToSubscription(), new byte[1], "topic", CancellationToken.None));

        Assert.True(impostor.Messages.IsEmpty);
        await impostor.DisposeAsync();
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_a_reason_to_try_again()
    {
        using var sender = NewSender(allowPrivate: false, (_, _) => throw new SocketException((int)SocketError.HostNotFound));
        using var empty = NewSender(allowPrivate: false, (_, _) => Task.FromResult<IPAddress[]>([]));
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
        using var sender = NewSender(allowPrivate: false, (host, _) =>
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
        var port = Service.Address.Port;
        using var client = new HttpClient(PushConnections.CreateHandler(allowPrivate: true, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback])));
        (await client.PostAsync(new Uri($"http://nowhere.invalid:{port}/browser"), null)).EnsureSuccessStatusCode();
        Assert.Equal($"nowhere.invalid:{port}", (await Service.Messages.Next()).Headers["Host"]);

        using var guarded = new HttpClient(PushConnections.CreateHandler(allowPrivate: false, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback])));
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => guarded.PostAsync(new Uri($"http://nowhere.invalid:{port}/browser"), null));
        Assert.IsType<PrivateEndpointException>(refused.InnerException);
        Assert.True(Service.Messages.IsEmpty);
    }

    [Fact]
    public async Task No_proxy_of_the_environment_and_no_cookie_comes_between()
    {
        using var handler = PushConnections.CreateHandler(allowPrivate: false, (_, _) => Task.FromResult<IPAddress[]>([]));
        Assert.False(handler.UseProxy);
        Assert.False(handler.AllowAutoRedirect);

        Service.Answer = context =>
        {
            context.Response.Cookies.Append("session", "1");
            return PushReceiver.Created(context);
        };
        await Send();
        await Send();
        await Service.Messages.Next();
        Assert.False((await Service.Messages.Next()).Headers.ContainsKey("Cookie"));
    }

    [Theory]
    [InlineData("http://push.example.com/x")]
    [InlineData("https://127.0.0.1/x")]
    [InlineData("https://push.example.com:8443/x")]
    public async Task An_endpoint_that_was_accepted_under_other_settings_is_not_sent_to(string endpoint)
    {
        using var sender = NewSender(allowPrivate: false, (_, _) => throw new InvalidOperationException("nothing is resolved"));
        using var browser = new PushBrowser(new Uri(endpoint), "");

        var result = await sender.Send(browser.ToSubscription(), new byte[1], "topic", CancellationToken.None);

        Assert.Equal(new PushResult(PushOutcome.Failed, "endpoint_refused"), result);
    }
}
