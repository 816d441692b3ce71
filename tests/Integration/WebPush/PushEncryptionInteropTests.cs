using System.Buffers.Text;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Lib.Net.Http.WebPush;
using Lib.Net.Http.WebPush.Authentication;
using TodoFlow.Infrastructure.Notifications.WebPush;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.WebPush;

/// <summary>What is encrypted here, a library of others decrypts, as it does what another library sends.</summary>
public sealed class PushEncryptionInteropTests : PushSenderTest
{
    private static readonly Dictionary<string, string> NoHeaders = [];

    [NodeFact]
    public async Task Any_message_comes_out_as_it_went_in()
    {
        using var browser = new PushBrowser(new Uri("https://push.example.com"));
        var generated = Gen.Sample(Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value)), 200, 300);
        var texts = Gen.Sample(ArbMap.Default.GeneratorFor<NonNull<string>>(), 100, 100).Select(text => Encoding.UTF8.GetBytes(text.Get));
        byte[][] edges = [[], [0], [2], [0, 0, 2], .. new[] { 3991, 3992, 3993 }.Select(length => new byte[length])];
        byte[][] messages = [.. generated, .. texts, .. edges];

        var read = await browser.Read(DateTimeOffset.UtcNow, messages.Select(message =>
            new ReceivedMessage("POST", "/", NoHeaders, PushEncryption.Encrypt(message, browser.PublicKey, browser.Auth))));

        Assert.Equal(messages, read.Select(message => message.Utf8));
    }

    [NodeFact]
    public async Task A_browser_reads_our_message_as_it_reads_that_of_another_library()
    {
        const string Text = """{"title":"Grüße"}""";
        using var http = new HttpClient();
        using var authentication = new VapidAuthentication(Keys.PublicKey, Keys.PrivateKey) { Subject = "mailto:operator@example.com" };
        var other = new PushServiceClient(http) { DefaultAuthentication = authentication };
        var subscription = new Lib.Net.Http.WebPush.PushSubscription { Endpoint = Browser.Endpoint };
        subscription.SetKey(PushEncryptionKeyName.P256DH, Base64Url.EncodeToString(Browser.PublicKey));
        subscription.SetKey(PushEncryptionKeyName.Auth, Base64Url.EncodeToString(Browser.Auth));

        await other.RequestPushMessageDeliveryAsync(
            subscription, new Lib.Net.Http.WebPush.PushMessage(Text) { TimeToLive = 86400, Urgency = PushMessageUrgency.High, Topic = "topic" });
        await Sender.Send(Browser.ToSubscription(), Encoding.UTF8.GetBytes(Text), "topic", CancellationToken.None);

        var (theirs, ours) = (await Service.Messages.Next(), await Service.Messages.Next());
        foreach (var header in new[] { "Content-Encoding", "TTL", "Urgency", "Topic" })
        {
            Assert.Equal(theirs.Headers[header], ours.Headers[header], ignoreCase: true);
        }

        var read = (Theirs: Assert.Single(await Browser.Read(DateTimeOffset.UtcNow, theirs)), Ours: Assert.Single(await Browser.Read(Clock.GetUtcNow(), ours)));
        Assert.Equal((Text, Text), (Encoding.UTF8.GetString(read.Theirs.Utf8), Encoding.UTF8.GetString(read.Ours.Utf8)));
        Assert.Equal(read.Theirs.Key, read.Ours.Key);
        Assert.Equal(read.Theirs.Claims!["sub"]!.GetValue<string>(), read.Ours.Claims!["sub"]!.GetValue<string>());
        Assert.StartsWith(read.Theirs.Claims["aud"]!.GetValue<string>(), read.Ours.Claims["aud"]!.GetValue<string>()); // theirs leaves out the port
    }
}
