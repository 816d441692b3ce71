using Microsoft.Azure.Functions.Worker;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Functions.Outbox;

/// <summary>
/// Sweeps the outbox: finds the events that a crash, an outage or another process left behind, and keeps the relay awake for its
/// retries until the next sweep. New events do not wait for it. Safe on every instance at once: the relays lock their shards.
/// </summary>
public sealed class RelayOutbox(OutboxRelay relay)
{
    private static readonly TimeSpan UntilNext = TimeSpan.FromSeconds(20); // the schedule's ten, and something to spare

    /// <summary>Returns when what waited was published, or tried.</summary>
    [Function(nameof(RelayOutbox))]
    public Task Run([TimerTrigger("*/10 * * * * *", UseMonitor = false, RunOnStartup = true)] TimerInfo timer, CancellationToken ct) =>
        relay.Sweep(UntilNext, ct);
}
