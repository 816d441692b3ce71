using System.Diagnostics.Metrics;
using TodoFlow.Domain.Diagnostics;

namespace TodoFlow.Host.Realtime;

/// <summary>What the host's own hub measures.</summary>
internal sealed class RealtimeMetrics
{
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _messages;
    private readonly Counter<long> _dropped;

    public RealtimeMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Telemetry.Name);
        _connections = meter.CreateUpDownCounter<long>("todoflow.realtime.connections", "{connection}", "Devices that are connected to this host.");
        _messages = meter.CreateCounter<long>("todoflow.realtime.messages", "{message}", "Messages written to devices, counted for each.");
        _dropped = meter.CreateCounter<long>("todoflow.realtime.dropped_clients", "{connection}", "Devices that read too slowly, and were cut off.");
    }

    /// <summary>A device connected.</summary>
    public void Opened() => _connections.Add(1);

    /// <summary>A device's connection has ended.</summary>
    public void Closed() => _connections.Add(-1);

    /// <summary>A message was written to a device.</summary>
    public void Sent(string target) => _messages.Add(1, new KeyValuePair<string, object?>("todoflow.realtime.target", target));

    /// <summary>A device was cut off.</summary>
    public void Dropped() => _dropped.Add(1);
}
