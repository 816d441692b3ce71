using System.Text;
using FsCheck;
using FsCheck.Fluent;
using TodoFlow.Infrastructure.Notifications.WebPush;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.WebPush;

/// <summary>What is encrypted here, a library of others decrypts.</summary>
public sealed class PushEncryptionInteropTests
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
}
