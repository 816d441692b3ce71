using TodoFlow.Settings;

namespace TodoFlow.Infrastructure.Notifications.WebPush;

/// <summary>Web Push. The channel is offered where both keys and the subject are set.</summary>
public sealed class WebPushSettings : ISettings
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestTimeToLive = TimeSpan.FromDays(28); // push services keep nothing longer

    /// <inheritdoc/>
    public static string Section => "WebPush";

    /// <summary>The public VAPID key: 65 bytes, base64url. Whoever changes it loses every subscription.</summary>
    public string? PublicKey { get; set; }

    /// <summary>The private VAPID key: 32 bytes, base64url. Secret.</summary>
    public string? PrivateKey { get; set; }

    /// <summary>How operators of push services reach the operator of this one: a <c>mailto:</c> or <c>https:</c> address.</summary>
    public string? Subject { get; set; }

    /// <summary>How long one message may take to be handed to a push service.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a push service keeps a message for a browser that is offline.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Whether endpoints may be private addresses, of any port, and http: for tests and closed networks.</summary>
    public bool AllowPrivateEndpoints { get; set; }

    /// <summary>Whether the channel is offered.</summary>
    public bool IsConfigured => Keys is not null;

    /// <summary>The keys; null where the channel is not configured.</summary>
    internal VapidKeys? Keys => PublicKey is not null && PrivateKey is not null ? new(PublicKey, PrivateKey) : null;

    /// <inheritdoc/>
    public IEnumerable<string> Check()
    {
        if ((PublicKey ?? PrivateKey ?? Subject) is not null)
        {
            foreach (var (name, value) in new[] { (nameof(PublicKey), PublicKey), (nameof(PrivateKey), PrivateKey), (nameof(Subject), Subject) })
            {
                if (value is null)
                {
                    yield return $"WebPush:{name} is not set: Web Push needs both keys and the subject ('./todoflow vapid' makes keys), or none of the three.";
                }
            }
        }

        if (Keys is { } keys)
        {
            if (keys.PublicKeyError() is { } wrong)
            {
                yield return $"WebPush:PublicKey {wrong}.";
            }
            else if (keys.PrivateKeyError() is { } secret)
            {
                yield return $"WebPush:PrivateKey {secret}.";
            }
        }

        if (Subject is not null && !IsContact(Subject))
        {
            yield return "WebPush:Subject must be a mailto: or https: address, such as mailto:operator@example.com (RFC 8292 section 2.1).";
        }

        if (Timeout <= TimeSpan.Zero || Timeout > LongestTimeout)
        {
            yield return $"WebPush:Timeout must be more than zero, and at most {LongestTimeout}.";
        }

        if (TimeToLive < TimeSpan.Zero || TimeToLive > LongestTimeToLive)
        {
            yield return "WebPush:TimeToLive must be between zero and 28.00:00:00.";
        }
    }

    private static bool IsContact(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var contact)
        && ((contact.Scheme == Uri.UriSchemeMailto && contact.UserInfo.Length > 0 && contact.Host.Length > 0)
            || (contact.Scheme == Uri.UriSchemeHttps && contact.Host.Length > 0));
}
