using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace TodoFlow.Infrastructure.Notifications.WebPush;

/// <summary>The tokens by which push services know this server (RFC 8292): one for each of their origins, signed anew before it expires.</summary>
internal sealed class VapidTokens : IDisposable
{
    /// <summary>How many origins are remembered. There are a handful of push services; but who subscribes may name any.</summary>
    public const int MostOrigins = 200;

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12); // 24 at most (RFC 8292 section 2)
    private static readonly TimeSpan Renewal = TimeSpan.FromHours(1); // before it expires

    private readonly string _publicKey;
    private readonly string _subject;
    private readonly TimeProvider _clock;
    private readonly ECDsa _key;
    private readonly SigningCredentials _signing;
    private readonly Lock _sync = new(); // a key signs one token at a time
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly ConcurrentDictionary<string, (string Token, DateTimeOffset RenewAt)> _tokens = new(StringComparer.Ordinal);

    /// <summary>Signs with a key pair, for a contact.</summary>
    public VapidTokens(VapidKeys keys, string subject, TimeProvider clock)
    {
        (_publicKey, _subject, _clock) = (keys.PublicKey, subject, clock);
        _key = keys.ToSigningKey();
        _signing = new(new ECDsaSecurityKey(_key), SecurityAlgorithms.EcdsaSha256)
        {
            CryptoProviderFactory = new() { CacheSignatureProviders = false }, // that of the process would outlive our key
        };
    }

    /// <summary>The parameters of the <c>Authorization</c> header with the scheme <c>vapid</c>, for a push service.</summary>
    public string For(Uri endpoint)
    {
        var origin = endpoint.GetLeftPart(UriPartial.Authority);
        var now = _clock.GetUtcNow();
        if (!_tokens.TryGetValue(origin, out var kept) || kept.RenewAt <= now)
        {
            if (_tokens.Count >= MostOrigins)
            {
                _tokens.Clear();
            }

            kept = (Sign(origin, now), now + Lifetime - Renewal);
            _tokens[origin] = kept;
        }

        return $"t={kept.Token}, k={_publicKey}";
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private string Sign(string origin, DateTimeOffset now)
    {
        var token = new SecurityTokenDescriptor
        {
            Audience = origin,
            Expires = (now + Lifetime).UtcDateTime,
            Claims = new Dictionary<string, object> { [JwtRegisteredClaimNames.Sub] = _subject },
            SigningCredentials = _signing,
        };
        lock (_sync)
        {
            return _handler.CreateToken(token);
        }
    }
}
