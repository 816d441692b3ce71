using System.Security.Claims;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Infrastructure.Realtime;

/// <summary>
/// Azure SignalR Service in serverless mode. Tokens are signed here and not by a binding, whose user id would come from a header that
/// the client controls.
/// </summary>
/// <remarks>https://learn.microsoft.com/azure/azure-signalr/signalr-reference-data-plane-rest-api</remarks>
public sealed class AzureSignalR(AzureSignalRConnection service, IOptions<RealtimeSettings> settings, TimeProvider clock) : IRealtimeEndpoint
{
    /// <summary>The setting that holds the connection string; without a value the standalone host has a hub of its own.</summary>
    public const string Setting = "AzureSignalRConnectionString";

    private readonly SigningCredentials _signing = new(new SymmetricSecurityKey(service.AccessKey), SecurityAlgorithms.HmacSha256);
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <inheritdoc/>
    public RealtimeConnection Invite(AccessTokenSubject subject, string origin)
    {
        const string Hub = $"/client/?hub={RealtimeHub.Name}";
        // The service's own libraries write the user id as the one, and its documentation as the other.
        return new(
            service.ClientEndpoint + Hub,
            Sign(service.Audience + Hub, new("asrs.s.uid", subject.UserId.ToString()), new(JwtRegisteredClaimNames.NameId, subject.UserId.ToString())));
    }

    /// <summary>The address that sends a message to a user's connections (API version 1.0), and the token that it takes.</summary>
    public (Uri Address, string Token) SendTo(string user)
    {
        var path = $"/api/v1/hubs/{RealtimeHub.Name}/users/{Uri.EscapeDataString(user)}";
        return (new Uri(service.Endpoint + path), Sign(service.Audience + path));
    }

    /// <summary>The address that closes a user's connections (API version 2022-06-01), and the token that it takes.</summary>
    public (Uri Address, string Token) CloseConnectionsOf(string user)
    {
        var path = $"/api/hubs/{RealtimeHub.Name}/users/{Uri.EscapeDataString(user)}/:closeConnections";
        return (new Uri($"{service.Endpoint}{path}?api-version=2022-06-01"), Sign(service.Audience + path));
    }

    private string Sign(string audience, params Claim[] claims)
    {
        var now = clock.GetUtcNow();
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Audience = audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + settings.Value.TokenLifetime).UtcDateTime,
            Subject = new ClaimsIdentity(claims),
            SigningCredentials = _signing,
        });
    }
}
