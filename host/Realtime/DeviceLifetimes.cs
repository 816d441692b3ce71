using Microsoft.AspNetCore.SignalR;

namespace TodoFlow.Host.Realtime;

/// <summary>Tells a device when SignalR's handshake with it is done.</summary>
internal sealed class DeviceLifetimes(ILogger<DefaultHubLifetimeManager<NotificationsHub>> logger) : DefaultHubLifetimeManager<NotificationsHub>(logger)
{
    /// <summary>Where the connection's items hold its <see cref="Device"/>.</summary>
    public static readonly object DeviceKey = new();

    /// <inheritdoc/>
    public override async Task OnConnectedAsync(HubConnectionContext connection)
    {
        await base.OnConnectedAsync(connection);
        ((Device)connection.Items[DeviceKey]!).Connected(connection);
    }
}
