using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Host.Invocation;

namespace TodoFlow.Host.Realtime;

/// <summary>Sends to the devices that are connected to this host. It waits for none of them.</summary>
internal sealed class HubSender(Devices devices, IHubProtocolResolver protocols) : ISignalRSender
{
    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A message is not for a user: there are no groups, and nothing is for everybody.</exception>
    public Task Send(SignalROutputAttribute output, IReadOnlyList<SignalRMessageAction> messages, CancellationToken ct)
    {
        foreach (var message in messages)
        {
            if (message is not { UserId: { Length: > 0 } user, GroupName: null, ConnectionId: null })
            {
                throw new NotSupportedException($"The message {message.Target} names no user, or more than that; this host sends to users.");
            }

            Send(devices.Of(user), message);
        }

        return Task.CompletedTask;
    }

    private void Send(IReadOnlyList<Device> to, SignalRMessageAction message)
    {
        if (to.Count == 0)
        {
            return;
        }

        var serialized = new SerializedHubMessage(new InvocationMessage(message.Target, message.Arguments ?? []));
        var bytes = serialized.GetSerializedMessage(protocols.GetProtocol("json", null)!).Length;
        var written = new HubMessage(message.Target, serialized, bytes);
        foreach (var device in to)
        {
            device.Add(written);
        }
    }
}
