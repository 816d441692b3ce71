using TodoFlow.Domain.Notifications;

namespace TodoFlow.Infrastructure.Notifications.WebPush;

/// <summary>A subscription, as its user sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Endpoint">Where messages for it are sent.</param>
/// <param name="ExpiresAt">When it ends; null where the browser named no instant.</param>
/// <param name="CreatedAt">When the user subscribed there.</param>
public sealed record PushSubscriptionResponse(Guid Id, string Endpoint, DateTimeOffset? ExpiresAt, DateTimeOffset CreatedAt)
{
    /// <summary>What is shown of a subscription.</summary>
    public static PushSubscriptionResponse From(PushSubscription subscription) =>
        new(subscription.Id, subscription.Endpoint, subscription.ExpiresAt, subscription.CreatedAt);
}

/// <summary>What a browser needs to subscribe.</summary>
/// <param name="PublicKey">The <c>applicationServerKey</c> of <c>PushManager.subscribe</c>: 65 bytes, base64url.</param>
public sealed record PushKeyResponse(string PublicKey);
