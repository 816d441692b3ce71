namespace TodoFlow.Domain.Notifications;

/// <summary>A browser that a user allowed to show notifications (the W3C's Push API).</summary>
public sealed class PushSubscription
{
    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>Who is signed in there.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The session it was subscribed in, with whose end by the user it ends; null where there is none, or it has expired.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>Where messages for it are sent. Whoever knows it may send: it is kept out of logs. Unique.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The browser's public key: an uncompressed point of P-256.</summary>
    public required byte[] P256dh { get; init; }

    /// <summary>The secret that authenticates messages to the browser, 16 bytes.</summary>
    public required byte[] Auth { get; init; }

    /// <summary>When it ends, UTC; null where the browser named no instant.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When the user subscribed there, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the browser last confirmed it, UTC.</summary>
    public required DateTimeOffset RefreshedAt { get; init; }
}
