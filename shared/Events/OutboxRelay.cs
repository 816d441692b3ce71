using Microsoft.Extensions.Logging;
using TodoFlow.DueWork;
using TodoFlow.Persistence;

namespace TodoFlow.Events;

/// <summary>Moves events from the outbox to where consumers read them: in the order of their keys, at least once.</summary>
public abstract class OutboxRelay(TimeProvider clock, ILogger log) : DueQueue(clock, log)
{
    /// <summary>The first key of the relays' advisory locks. They belong to transactions, so neither a crash nor a pooler leaves one held.</summary>
    protected const int LockSpace = 0x6F7574; // ours to choose; must never change
}

/// <summary>Kicks the relay when a change that raised events is committed.</summary>
public sealed class OutboxKick(OutboxRelay relay) : ICommitListener
{
    /// <inheritdoc/>
    public void Committed(bool raisedEvents, DateTimeOffset? firstReminder)
    {
        if (raisedEvents)
        {
            relay.Kick();
        }
    }
}
