using TodoFlow.Host;
using TodoFlow.Infrastructure.Notifications.WebPush;

namespace TodoFlow.Tests.Support;

/// <summary>Web Push with keys of the tests' own.</summary>
public static class WebPushSetting
{
    /// <summary>The keys.</summary>
    public static VapidKeys Keys { get; } = VapidKeys.Create();

    /// <summary>Switches the channel on.</summary>
    /// <param name="options">The host's options.</param>
    /// <param name="allowPrivate">Whether endpoints may be on this machine.</param>
    public static void Configure(HostApplicationOptions options, bool allowPrivate = false)
    {
        options.Settings["WebPush:PublicKey"] = Keys.PublicKey;
        options.Settings["WebPush:PrivateKey"] = Keys.PrivateKey;
        options.Settings["WebPush:Subject"] = "mailto:operator@example.com";
        options.Settings["WebPush:AllowPrivateEndpoints"] = allowPrivate ? "true" : "false";
    }
}
