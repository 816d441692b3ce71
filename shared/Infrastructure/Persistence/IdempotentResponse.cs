namespace TodoFlow.Infrastructure.Persistence;

/// <summary>The first response to a request with an <c>Idempotency-Key</c>, kept for its repeats.</summary>
public sealed class IdempotentResponse
{
    /// <summary>Who asked, as a digest: the user, or the subject of a sign-in.</summary>
    public required byte[] Scope { get; init; }

    /// <summary>The client's key, 1 to 255 printable characters.</summary>
    public required string Key { get; init; }

    /// <summary>SHA-256 of the method, path and body: another request under the same key is refused.</summary>
    public required byte[] RequestDigest { get; init; }

    /// <summary>The user, so that their responses go when they go; null before sign-in.</summary>
    public Guid? UserId { get; init; }

    /// <summary>The HTTP status of the response.</summary>
    public short Status { get; set; }

    /// <summary>The headers that repeat with it, as a JSON object.</summary>
    public string Headers { get; set; } = "{}";

    /// <summary>The body; sealed with a key that only the request holds where it contains tokens.</summary>
    public byte[] Body { get; set; } = [];

    /// <summary>When it was first asked, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
