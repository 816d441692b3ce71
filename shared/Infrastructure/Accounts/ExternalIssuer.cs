using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Problems;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>
/// Validates the access tokens of an OpenID Connect issuer with the keys that it publishes, and makes an account for
/// each of its users when they are first seen.
/// </summary>
public sealed class ExternalIssuer
{
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly ExternalUsers _users;
    private readonly ConfigurationManager<OpenIdConnectConfiguration>? _published;
    private readonly TokenValidationParameters _parameters;
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };

    /// <summary>Takes the issuer from the settings; nothing is fetched yet.</summary>
    public ExternalIssuer(IOptions<AuthSettings> settings, TimeProvider clock, ExternalUsers users)
    {
        _users = users;
        if (settings.Value.Authority is { } authority)
        {
            _published = new(
                $"{authority.AbsoluteUri.TrimEnd('/')}/.well-known/openid-configuration",
                new OpenIdConnectConfigurationRetriever(),
                new HttpDocumentRetriever { RequireHttps = !authority.IsLoopback });
        }

        _parameters = TokenLifetimes.Checked(clock, new()
        {
            ValidAudience = settings.Value.Audience,
            ValidAlgorithms = Algorithms,
            ConfigurationManager = _published, // its issuer and keys, fetched again when a token names an unknown key
        });
    }

    /// <summary>Whether there is one.</summary>
    public bool IsEnabled => _published is not null;

    /// <summary>The user id of an issuer's subject: always the same, and never one that this service gave out itself (UUIDv8, RFC 9562).</summary>
    public static Guid UserId(string issuer, string subject)
    {
        // The length keeps ("a", "bc") and ("ab", "c") apart.
        var id = SHA256.HashData(Encoding.UTF8.GetBytes($"{issuer.Length}:{issuer}{subject}")).AsSpan(0, 16);
        id[6] = (byte)((id[6] & 0x0F) | 0x80);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }

    /// <summary>Verifies a token, and makes its user's account if there is none yet.</summary>
    /// <exception cref="ProblemException">401: it is expired or not the issuer's; 503: the issuer's keys cannot be fetched.</exception>
    internal async Task<AccessTokenSubject> Validate(JsonWebToken token, CancellationToken ct)
    {
        await RequirePublished(ct);
        var result = await _handler.ValidateTokenAsync(token, _parameters);
        if (!result.IsValid || string.IsNullOrEmpty(token.Subject))
        {
            throw AccessTokens.Refused(result.Exception);
        }

        var zone = token.TryGetPayloadValue<string>(JwtRegisteredClaimNames.ZoneInfo, out var named) && ZoneIds.TryFind(named, out var found) ? found.Id : null;
        var user = UserId(token.Issuer, token.Subject);
        var (email, verified) = Email(token);
        await _users.Ensure(user, email, verified, zone, ct);
        return new(user, zone);
    }

    // What it denies is not taken, and what it does not say is not verified.
    private static (EmailAddress? Email, bool Verified) Email(JsonWebToken token)
    {
        var says = token.TryGetPayloadValue<bool>("email_verified", out var verified);
        return token.TryGetPayloadValue<string>(JwtRegisteredClaimNames.Email, out var text) && EmailAddress.TryParse(text, out var email) && (verified || !says)
            ? (email, verified)
            : (null, false);
    }

    private async Task RequirePublished(CancellationToken ct)
    {
        try
        {
            await _published!.GetConfigurationAsync(ct); // kept by the manager
        }
        catch (InvalidOperationException)
        {
            throw new Problem(503, "issuer_unavailable", "The keys of the token's issuer cannot be fetched. Try again.")
            {
                RetryAfter = TimeSpan.FromSeconds(5),
            }.AsException();
        }
    }
}
