using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Infrastructure.Realtime;

/// <summary>
/// Closes a user's connections to Azure SignalR Service when a session of theirs ends. The service does not know sessions: devices whose
/// session goes on negotiate anew and come back.
/// </summary>
internal sealed partial class AzureSignalRConnections(AzureSignalR service, ILogger<AzureSignalRConnections> log) : ISessionListener, IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2), AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(5),
    };

    /// <inheritdoc/>
    public async Task Ended(Guid user, Guid? session, CancellationToken ct)
    {
        var (address, token) = service.CloseConnectionsOf(user.ToString());
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var response = await _http.SendAsync(request, ct);
            response.EnsureSuccessStatusCode();
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            LogNotClosed(error.GetType().Name); // they end with their own lifetime
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Azure SignalR Service did not close the connections of a session that ended: {Error}")]
    private partial void LogNotClosed(string error);
}
