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
}

/// <summary>A refresh token that was given out. It serves once; using it again revokes its whole family.</summary>
public sealed class RefreshToken
{
    /// <summary>SHA-256 of the token; the token itself is not stored.</summary>
    public required byte[] Digest { get; init; }

    /// <summary>Whose it is.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The sign-in that it descends from.</summary>
    public required Guid FamilyId { get; init; }

    /// <summary>When it was given out, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it stops serving, UTC.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it was exchanged for its successor, UTC; null until then.</summary>
    public DateTimeOffset? UsedAt { get; set; }
}
