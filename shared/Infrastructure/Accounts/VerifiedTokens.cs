using System.Diagnostics.CodeAnalysis;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>
/// Remembers tokens that were verified, each until it expires, so that a client's next request need not read and verify its token
/// again. A token is found by all of its text, its signature included.
/// </summary>
internal sealed class VerifiedTokens(TimeProvider clock)
{
    private readonly Remembered<string, Verified> _tokens = new(10_000, StringComparer.Ordinal);

    /// <summary>Remembers a token.</summary>
    /// <param name="token">All of it.</param>
    /// <param name="subject">Who it speaks for.</param>
    /// <param name="from">From when on it is valid, UTC.</param>
    /// <param name="to">When it expires, UTC.</param>
    public void Add(string token, AccessTokenSubject subject, DateTime from, DateTime to) => _tokens.Set(token, new Verified(subject, from, to));

    /// <summary>Finds a token that is valid now. Near its limits, where clocks may differ, it is not found: then it is verified again.</summary>
    public bool TryGet(string token, [NotNullWhen(true)] out AccessTokenSubject? subject)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        subject = _tokens.TryGet(token, out var verified) && verified.From <= now && now < verified.To ? verified.Subject : null;
        return subject is not null;
    }

    private sealed record Verified(AccessTokenSubject Subject, DateTime From, DateTime To);
}
