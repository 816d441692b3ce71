using System.Buffers.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;

namespace TodoFlow.Infrastructure.Accounts;

/// <summary>Who an access token speaks for.</summary>
/// <param name="UserId">The user.</param>
/// <param name="TimeZone">The IANA zone of the user's days (the claim <c>zoneinfo</c> of OpenID Connect); null where it says none.</param>
/// <param name="SessionId">The session that it serves with (<c>sid</c>), or the id of a personal access token; null where it belongs to none.</param>
/// <param name="Version">The version of the user's tokens (<c>ver</c>); null for personal access tokens, and where an external issuer signed it.</param>
public sealed record AccessTokenSubject(Guid UserId, string? TimeZone, Guid? SessionId = null, int? Version = null)
{
    /// <summary>What it may do: everything, unless it is a personal access token.</summary>
    public AccessScopes Scopes { get; init; } = AccessScopes.All;
}

/// <summary>Validates access tokens: those signed here, those of the external issuer, and personal ones.</summary>
public sealed class AccessTokens(LocalIssuer local, ExternalIssuer external, PersonalTokens personal)
{
    /// <summary>Validates a token.</summary>
    /// <exception cref="ProblemException">401 <c>token_expired</c> or <c>token_invalid</c>; 503 when the external issuer's keys cannot be had.</exception>
    public ValueTask<AccessTokenSubject> Validate(string token, CancellationToken ct) =>
        local.TryRecall(token, out var subject) ? new(subject)
        : PersonalTokens.IsOne(token) ? personal.Validate(token, ct)
        : new(Verify(token, ct));

    private Task<AccessTokenSubject> Verify(string token, CancellationToken ct)
    {
        JsonWebToken read;
        bool isCritical;
        try
        {
            read = new JsonWebToken(token);

            // RFC 7515 section 4.1.11: whoever does not understand an extension that is critical refuses the token; none is understood here.
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(read.EncodedHeader)); // all of it, where the library stops at the end of an object
            isCritical = header.RootElement.TryGetProperty("crit", out _);
        }
        catch (Exception error) when (error is ArgumentException or SecurityTokenException or JsonException or FormatException or InvalidOperationException)
        {
            throw Refused(error);
        }

        if (isCritical)
        {
            throw Refused(null);
        }

        // Each issuer has its own keys and algorithms, so a token cannot be verified by the rules of the other.
        return read.Issuer == LocalIssuer.Name && local.IsEnabled ? local.Validate(read)
            : external.IsEnabled ? external.Validate(read, ct)
            : throw Refused(null);
    }

    internal static Problem Expired { get; } =
        new(401, "token_expired", "The access token has expired; get a new one with the refresh token.") { Challenge = Problem.InvalidToken };

    internal static ProblemException Refused(Exception? reason) => (reason is SecurityTokenExpiredException
        ? Expired
        : new Problem(401, "token_invalid", "The access token is not valid here.") { Challenge = Problem.InvalidToken }).AsException();
}
