namespace TodoFlow.Domain.Notifications;

/// <summary>The channels, by the names that preferences and traces use.</summary>
public static class Channels
{
    /// <summary>The list of notifications: delivered when the notification is stored.</summary>
    public const string InApp = "in_app";

    /// <summary>The user's devices that are connected: delivered when its event is stored (<c>notification.pushed.v1</c>).</summary>
    public const string Realtime = "realtime";

    /// <summary>E-mail to the account's address.</summary>
    public const string Email = "email";

    /// <summary>Web Push to the user's subscriptions.</summary>
    public const string WebPush = "web_push";

    /// <summary>All of them, configured or not.</summary>
    public static IReadOnlyList<string> All { get; } = [InApp, Realtime, Email, WebPush];
}
