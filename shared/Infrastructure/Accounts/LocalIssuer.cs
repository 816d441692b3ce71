using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TodoFlow.Domain.Problems;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>Signs access tokens (JWT, HS256) and verifies them, with several keys so that they can be rotated.</summary>
public sealed class LocalIssuer
{
    /// <summary>The <c>iss</c> of tokens signed here. An external issuer is an address, so it is never taken for this one.</summary>
    public const string Name = "todoflow";

    private const string DefaultAudience = "todoflow";

    private readonly TimeProvider _clock;
    private readonly TimeSpan _lifetime;
    private readonly string _audience;
    private readonly SigningCredentials? _signing;
    private readonly TokenValidationParameters _parameters;
    private readonly VerifiedTokens _verified;
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false, MapInboundClaims = false };

    /// <summary>Takes the keys from the settings.</summary>
    public LocalIssuer(IOptions<AuthSettings> settings, TimeProvider clock)
    {
        _clock = clock;
        _verified = new(clock);
        _lifetime = settings.Value.AccessTokenLifetime;
        _audience = settings.Value.Audience ?? DefaultAudience;
        var keys = settings.Value.SigningKeys.Select(key => new SymmetricSecurityKey(key.Bytes()) { KeyId = key.Id }).ToList();
        _signing = keys.Count == 0 ? null : new(keys[0], SecurityAlgorithms.HmacSha256);
        _parameters = TokenLifetimes.Checked(clock, new()
        {
            ValidIssuer = Name,
            ValidAudience = _audience,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            IssuerSigningKeys = keys,
            TryAllIssuerSigningKeys = false, // each token names its key
        });
    }

    /// <summary>Whether there is a key: without one, people sign in with the external issuer.</summary>
    public bool IsEnabled => _signing is not null;

    /// <summary>How long its tokens serve.</summary>
    public TimeSpan Lifetime => _lifetime;

    /// <summary>An access token for a user.</summary>
    /// <param name="user">The user.</param>
    /// <param name="timeZone">The IANA zone of the user's days.</param>
    /// <param name="session">The session that it serves with; null for one that ends with all of the user's tokens only.</param>
    /// <param name="version">The version of the user's tokens.</param>
    /// <exception cref="ProblemException">404: there is no signing key, so nobody signs in here.</exception>
    public string CreateToken(Guid user, string timeZone, Guid? session = null, int version = 0)
    {
        RequireEnabled();
        var now = _clock.GetUtcNow();
        var claims = new Dictionary<string, object>
        {
            [JwtRegisteredClaimNames.Sub] = user.ToString(),
            [JwtRegisteredClaimNames.Jti] = Guid.CreateVersion7(now).ToString(),
            [JwtRegisteredClaimNames.ZoneInfo] = timeZone,
        };
        TokenSessions.AddClaims(claims, session, version);
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Name,
            Audience = _audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + _lifetime).UtcDateTime,
            Claims = claims,
            SigningCredentials = _signing,
        });
    }

    /// <summary>Refuses to go on where nobody signs in here.</summary>
    /// <exception cref="ProblemException">404.</exception>
    public void RequireEnabled()
    {
        if (!IsEnabled)
        {
            throw new Problem(404, "sign_in_elsewhere", "Nobody signs in here: get a token from the issuer that this service trusts.").AsException();
        }
    }

    /// <summary>Verifies a token.</summary>
    /// <exception cref="ProblemException">401: it is expired, or not ours.</exception>
    internal async Task<AccessTokenSubject> Validate(JsonWebToken token)
    {
        var result = await _handler.ValidateTokenAsync(token, _parameters);
        if (!result.IsValid || !Guid.TryParse(token.Subject, out var user))
        {
            throw AccessTokens.Refused(result.Exception);
        }

        var (session, version) = TokenSessions.Read(token);
        var zone = token.TryGetPayloadValue<string>(JwtRegisteredClaimNames.ZoneInfo, out var timeZone) ? timeZone : null;
        var subject = new AccessTokenSubject(user, zone, session, version ?? 0);
        _verified.Add(token.EncodedToken, subject, token.ValidFrom, token.ValidTo);
        return subject;
    }

    /// <summary>Finds a token that was verified before and has not expired since. Its keys are those of the settings, which stay.</summary>
    internal bool TryRecall(string token, [NotNullWhen(true)] out AccessTokenSubject? subject) => _verified.TryGet(token, out subject);
}
