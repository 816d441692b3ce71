using Microsoft.AspNetCore.SignalR;

namespace TodoFlow.Host.Realtime;

/// <summary>The hub that devices listen to. It has no methods: clients say nothing but that they live.</summary>
public sealed class NotificationsHub : Hub
{
}
