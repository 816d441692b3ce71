using System.Net.Http.Headers;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Host.Invocation;
using TodoFlow.Infrastructure.Realtime;

namespace TodoFlow.Host.Realtime;

/// <summary>Sends through Azure SignalR Service where devices connect to that: one request for each message, a user's in their order.</summary>
internal sealed class AzureSignalRSender(AzureSignalR service) : ISignalRSender, IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2), AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(10),
    };

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A message is not for a user.</exception>
    /// <exception cref="HttpRequestException">The service refused a message or cannot be reached; messages of other users are sent.</exception>
    public Task Send(SignalROutputAttribute output, IReadOnlyList<SignalRMessageAction> messages, CancellationToken ct)
    {
        if (messages.FirstOrDefault(message => message is not { UserId.Length: > 0, GroupName: null, ConnectionId: null }) is { } other)
        {
            throw new NotSupportedException($"The message {other.Target} names no user, or more than that; this host sends to users.");
        }

        return Task.WhenAll(messages.GroupBy(message => message.UserId!).Select(user => SendTo(user.Key, user, ct)));
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task SendTo(string user, IEnumerable<SignalRMessageAction> messages, CancellationToken ct)
    {
        foreach (var message in messages)
        {
            var (address, token) = service.SendTo(user);
            using var request = new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = JsonContent.Create(new { target = message.Target, arguments = message.Arguments ?? [] }),
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await _http.SendAsync(request, ct);
            response.EnsureSuccessStatusCode();
        }
    }
}
