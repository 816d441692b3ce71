using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Infrastructure.Realtime;

/// <summary>
/// The tokens that open the standalone host's hub. Their issuer and audience are their own: none of them opens the API, and no access
/// token of the API opens the hub, although the same keys may sign both.
/// </summary>
public sealed class HubTokens
{
    private const string Issuer = "todoflow-hub";
    private const string Audience = "todoflow-hub";

    private readonly TimeProvider _clock;
    private readonly TimeSpan _lifetime;
    private readonly SigningCredentials? _signing;
    private readonly TokenValidationParameters _parameters;
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false, MapInboundClaims = false };

    /// <summary>Takes the keys from the settings.</summary>
    public HubTokens(IOptions<RealtimeSettings> settings, IOptions<AuthSettings> auth, TimeProvider clock)
    {
        _clock = clock;
        _lifetime = settings.Value.TokenLifetime;
        List<SymmetricSecurityKey> keys = settings.Value.SigningKey is { } own
            ? [new(Encoding.UTF8.GetBytes(own)) { KeyId = "realtime" }]
            : [.. auth.Value.SigningKeys.Select(key => new SymmetricSecurityKey(key.Bytes()) { KeyId = key.Id })];
        _signing = keys.Count == 0 ? null : new(keys[0], SecurityAlgorithms.HmacSha256);
        _parameters = TokenLifetimes.Checked(clock, new()
        {
            ValidIssuer = Issuer,
            ValidAudience = Audience,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            IssuerSigningKeys = keys,
            TryAllIssuerSigningKeys = false, // each token names its key
        });
    }

    /// <summary>A token for a user's device, which serves with the session that asked for it.</summary>
    /// <exception cref="InvalidOperationException">There is no key; the start makes sure that there is one.</exception>
    public string Create(AccessTokenSubject subject)
    {
        var now = _clock.GetUtcNow();
        var claims = new Dictionary<string, object> { [JwtRegisteredClaimNames.Sub] = subject.UserId.ToString() };
        TokenSessions.AddClaims(claims, subject.SessionId, subject.Version);
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + _lifetime).UtcDateTime,
            Claims = claims,
            SigningCredentials = _signing ?? throw new InvalidOperationException("Nothing signs the tokens of the hub."),
        });
    }

    /// <summary>Verifies a token.</summary>
    /// <returns>Whom it was given to. Whether their session goes on is not known by it.</returns>
    /// <exception cref="ProblemException">401 <c>token_expired</c> or <c>token_invalid</c>.</exception>
    public async Task<AccessTokenSubject> Validate(string token)
    {
        var result = await _handler.ValidateTokenAsync(token, _parameters);
        if (result is { IsValid: true, SecurityToken: JsonWebToken read } && Guid.TryParse(read.Subject, out var user))
        {
            var (session, version) = TokenSessions.Read(read);
            return new(user, null, session, version);
        }

        throw (result.Exception is SecurityTokenExpiredException
                ? new Problem(401, "token_expired", "The token of the connection has expired; negotiate anew.") { Challenge = Problem.InvalidToken }
                : new Problem(401, "token_invalid", "The token does not open this hub; negotiate one.") { Challenge = Problem.InvalidToken }).AsException();
    }
}
