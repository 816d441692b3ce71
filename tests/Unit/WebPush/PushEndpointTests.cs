using TodoFlow.Infrastructure.Notifications.WebPush;
using Xunit;

namespace TodoFlow.Tests.Unit.WebPush;

/// <summary>Which endpoints a browser may name.</summary>
public sealed class PushEndpointTests
{
    [Theory]
    [InlineData("https://fcm.googleapis.com/fcm/send/dQw4w9WgXcQ:APA91bE-_x")]
    [InlineData("https://updates.push.services.mozilla.com/wpush/v2/gAAAAABnYV")]
    [InlineData("https://web.push.apple.com/QGk2_x-y")]
    [InlineData("https://wns2-par02p.notify.windows.com/w/?token=BQYAAA%3d%3d")]
    [InlineData("https://updates.push.services.mozilla.com:443/wpush/v2/gAAAAABnYV")]
    [InlineData("https://push.example.com./x")]
    [InlineData("https://push.example.com/a@b")]
    [InlineData("https://9.9.9.9/x")]
    [InlineData("https://[2606:4700:4700::1111]/x")]
    public void Those_of_push_services_are_accepted(string endpoint) => Assert.Null(PushEndpoint.Error(endpoint, allowPrivate: false));

    [Theory]
    [InlineData("", "must be an absolute address")]
    [InlineData("/wpush/v2/x", "must be an")]
    [InlineData("push.example.com/x", "must be an absolute address")]
    [InlineData("https://", "must be an absolute address")]
    [InlineData("https://push.example.com/\u00e9", "must be an absolute address")]
    [InlineData("https://push.example.com/a b", "must be an absolute address")]
    [InlineData(" https://push.example.com/x", "must be an absolute address")]
    [InlineData("https://push.example.com/x\r\nHost: localhost", "must be an absolute address")]
    [InlineData("http://push.example.com/x", "must be an https address")]
    [InlineData("ftp://push.example.com/x", "must be an https address")]
    [InlineData("file:///etc/passwd", "must be an https address")]
    [InlineData("javascript:alert(1)", "must be an https address")]
    [InlineData("mailto:a@example.com", "must be an https address")]
    [InlineData("https://user@push.example.com/x", "must not hold a user name or password")]
    [InlineData("https://push.example.com:443@127.0.0.1/x", "must not hold a user name or password")]
    [InlineData("https://push.example.com/x#top", "must not have a fragment")]
    [InlineData("https://push.example.com/x#", "must not have a fragment")]
    [InlineData("https://push.example.com:8443/x", "must be at port 443")]
    [InlineData("https://push.example.com:80/x", "must be at port 443")]
    [InlineData("https://localhost/x", "must be a public address")]
    [InlineData("https://localhost./x", "must be a public address")]
    [InlineData("https://intranet/x", "must be a public address")]
    [InlineData("https://127.0.0.1/x", "must be a public address")]
    [InlineData("https://127.1/x", "must be a public address")]
    [InlineData("https://2130706433/x", "must be a public address")] // 127.0.0.1 as one number
    [InlineData("https://0x7f000001/x", "must be a public address")]
    [InlineData("https://0177.0.0.1/x", "must be a public address")]
    [InlineData("https://169.254.169.254/latest/meta-data", "must be a public address")]
    [InlineData("https://10.1.2.3/x", "must be a public address")]
    [InlineData("https://[::1]/x", "must be a public address")]
    [InlineData("https://[::ffff:127.0.0.1]/x", "must be a public address")]
    [InlineData("https://[64:ff9b::a9fe:a9fe]/x", "must be a public address")]
    [InlineData("https://[fe80::1%25eth0]/x", "must be a")]
    public void Others_are_refused(string endpoint, string expected) =>
        Assert.StartsWith(expected, PushEndpoint.Error(endpoint, allowPrivate: false), StringComparison.Ordinal);

    [Fact]
    public void Long_ones_are_refused()
    {
        const string start = "https://push.example.com/";
        Assert.Null(PushEndpoint.Error(start + new string('x', 2048 - start.Length), allowPrivate: false));
        Assert.NotNull(PushEndpoint.Error(start + new string('x', 2049 - start.Length), allowPrivate: false));
    }

    [Theory]
    [InlineData("http://127.0.0.1:5000/x", true)]
    [InlineData("https://intranet:8443/x", true)]
    [InlineData("http://user@127.0.0.1/x", false)]
    [InlineData("http://127.0.0.1/x#top", false)]
    [InlineData("ftp://127.0.0.1/x", false)]
    public void Where_private_ones_are_allowed_any_http_address_will_do(string endpoint, bool accepted) =>
        Assert.Equal(accepted, PushEndpoint.Error(endpoint, allowPrivate: true) is null);
}
