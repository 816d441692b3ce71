using Microsoft.Extensions.Logging;
using TodoFlow.Messaging.DueWork;

namespace TodoFlow.Messaging.Outbox;

/// <summary>Moves events from the outbox to where consumers read them: in the order of their keys, at least once.</summary>
public abstract class OutboxRelay(TimeProvider clock, ILogger log) : DueQueue(clock, log)
{
    /// <summary>The first key of the relays' advisory locks. They belong to transactions, so neither a crash nor a pooler leaves one held.</summary>
    internal const int LockSpace = 0x6F7574; // ours to choose; must never change

    /// <summary>Says that there are new events in these shards, once they are committed. Returns at once.</summary>
    public virtual void Kick(IReadOnlySet<short> shards) => Kick();
}
