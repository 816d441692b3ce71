using System.Text.Json.Serialization;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Infrastructure.Realtime;

/// <summary>Where devices connect to be told what changes.</summary>
public interface IRealtimeEndpoint
{
    /// <summary>Lets a user's device connect.</summary>
    /// <param name="subject">The user, and the session that the connection lasts as long as.</param>
    /// <param name="origin">The scheme and host that the request was sent to, such as <c>https://todo.example.com</c>.</param>
    RealtimeConnection Invite(AccessTokenSubject subject, string origin);
}

/// <summary>Where to connect, and with which token: the redirect of SignalR's negotiation, whose names are SignalR's own.</summary>
/// <param name="Url">The hub's address.</param>
/// <param name="AccessToken">What opens the hub, and nothing else.</param>
public sealed record RealtimeConnection(
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("accessToken")] string AccessToken);
