using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace TodoFlow.Accounts;

/// <summary>
/// Remembers tokens that were verified, each until it expires, so that a client's next request need not read and verify its token
/// again. A token is found by all of its text, its signature included.
/// </summary>
internal sealed class VerifiedTokens(TimeProvider clock)
{
    private const int Most = 10_000;

    // Two generations, of which the older one is forgotten when the younger one is full: what is in use moves on.
    private ConcurrentDictionary<string, Verified> _young = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, Verified> _old = new(StringComparer.Ordinal);

    /// <summary>Remembers a token.</summary>
    /// <param name="token">All of it.</param>
    /// <param name="subject">Who it speaks for.</param>
    /// <param name="from">From when on it is valid, UTC.</param>
    /// <param name="to">When it expires, UTC.</param>
    public void Add(string token, AccessTokenSubject subject, DateTime from, DateTime to) => Add(token, new Verified(subject, from, to));

    /// <summary>Finds a token that is valid now. Near its limits, where clocks may differ, it is not found: then it is verified again.</summary>
    public bool TryGet(string token, [NotNullWhen(true)] out AccessTokenSubject? subject)
    {
        subject = null;
        if (!_young.TryGetValue(token, out var verified))
        {
            if (!_old.TryGetValue(token, out verified))
            {
                return false;
            }

            Add(token, verified);
        }

        var now = clock.GetUtcNow().UtcDateTime;
        subject = verified.From <= now && now < verified.To ? verified.Subject : null;
        return subject is not null;
    }

    private void Add(string token, Verified verified)
    {
        var young = _young;
        young[token] = verified;
        if (young.Count >= Most && Interlocked.CompareExchange(ref _young, new(StringComparer.Ordinal), young) == young)
        {
            _old = young;
        }
    }

    private sealed record Verified(AccessTokenSubject Subject, DateTime From, DateTime To);
}
