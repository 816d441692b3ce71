namespace TodoFlow.Domain.Accounts;

/// <summary>Somebody with tasks.</summary>
public sealed class User
{
    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The address as it was given; empty where an external issuer named none.</summary>
    public required string Email { get; init; }

    /// <summary>The address by which it is found: trimmed, lower case. Unique. No address for users of an external issuer.</summary>
    public required string NormalizedEmail { get; init; }

    /// <summary>What ASP.NET Core Identity's hasher made of the password; empty for users of an external issuer, who have none here.</summary>
    public required string PasswordHash { get; set; }

    /// <summary>The IANA zone of this user's days.</summary>
    public required string TimeZone { get; set; }

    /// <summary>When the account was made, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The version that access tokens must name: it counts up with whatever ends all of them.</summary>
    public int TokenVersion { get; set; }

    /// <summary>When the user proved that mail to the address reaches them, UTC; null until then. Before that no reminder is mailed.</summary>
    public DateTimeOffset? EmailVerifiedAt { get; set; }

    /// <summary>What signs the links by which mails are unsubscribed; null until the first mail.</summary>
    public byte[]? MailSecret { get; set; }
}

/// <summary>A sign-in on one device, from which refresh tokens descend. While it is there, its access tokens serve.</summary>
public sealed class Session
{
    /// <summary>UUIDv7; the family of its refresh tokens.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required Guid UserId { get; init; }

    /// <summary>When the user signed in, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its tokens were last exchanged, UTC.</summary>
    public required DateTimeOffset RefreshedAt { get; set; }

    /// <summary>When its refresh token stops serving, UTC.</summary>
    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>The client's address when it signed in or last exchanged its tokens, as sign-ins are counted by it; null where it is not known.</summary>
    public string? Address { get; set; }

    /// <summary>What the client called itself then (<c>User-Agent</c>), shortened.</summary>
    public string? UserAgent { get; set; }
}

/// <summary>A refresh token that was given out. It serves once; using it again after a short grace ends its session.</summary>
public sealed class RefreshToken
{
    /// <summary>SHA-256 of the token; the token itself is not stored.</summary>
    public required byte[] Digest { get; init; }

    /// <summary>Whose it is.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The session that it descends from.</summary>
    public required Guid FamilyId { get; init; }

    /// <summary>When it was given out, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it stops serving, UTC.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it was exchanged for its successor, UTC; null until then.</summary>
    public DateTimeOffset? UsedAt { get; set; }

    /// <summary>What its successor derives from, together with the token itself; null until it was exchanged.</summary>
    public byte[]? SuccessorSalt { get; set; }
}
