using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Infrastructure.Persistence;

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
