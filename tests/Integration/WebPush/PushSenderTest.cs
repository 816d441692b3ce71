using Microsoft.Extensions.Options;
using TodoFlow.Infrastructure.Notifications.WebPush;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.WebPush;

/// <summary>A test of messages to one browser, over a push service of the test's own.</summary>
public abstract class PushSenderTest : IAsyncLifetime
{
    protected static VapidKeys Keys { get; } = VapidKeys.Create();

    protected FakeClock Clock { get; } = new(new DateTimeOffset(2026, 11, 22, 9, 30, 0, TimeSpan.Zero));

    protected PushReceiver Service { get; } = new();

    protected PushBrowser Browser { get; private set; } = null!;

    private protected PushSender Sender { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Service.InitializeAsync();
        Browser = new PushBrowser(Service.Address);
        Sender = NewSender(allowPrivate: true);
    }

    public async Task DisposeAsync()
    {
        Sender.Dispose();
        Browser.Dispose();
        await Service.DisposeAsync();
    }

    private protected Task<PushResult> Send() => Sender.Send(Browser.ToSubscription(), new byte[1], "topic", CancellationToken.None);

    private protected PushSender NewSender(bool allowPrivate, ResolveHost? resolve = null)
    {
        var settings = Options.Create(new WebPushSettings
        {
            PublicKey = Keys.PublicKey,
            PrivateKey = Keys.PrivateKey,
            Subject = "mailto:operator@example.com",
            AllowPrivateEndpoints = allowPrivate,
        });
        return resolve is null ? new PushSender(settings, Clock) : new PushSender(settings, Clock, resolve);
    }
}
