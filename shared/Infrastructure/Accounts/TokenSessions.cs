using Microsoft.IdentityModel.JsonWebTokens;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>How tokens that are signed here name the session and the version that they serve with.</summary>
internal static class TokenSessions
{
    private const string Version = "ver";

    /// <summary>Adds the claims.</summary>
    public static void AddClaims(IDictionary<string, object> claims, Guid? session, int? version)
    {
        if (session is { } id)
        {
            claims[JwtRegisteredClaimNames.Sid] = id.ToString();
        }

        if (version is { } number)
        {
            claims[Version] = number;
        }
    }

    /// <summary>Reads the claims of a verified token; null where it has none.</summary>
    public static (Guid? Session, int? Version) Read(JsonWebToken token) => (
        token.TryGetPayloadValue<string>(JwtRegisteredClaimNames.Sid, out var text) && Guid.TryParse(text, out var session) ? session : null,
        token.TryGetPayloadValue<int>(Version, out var version) ? version : null);
}
