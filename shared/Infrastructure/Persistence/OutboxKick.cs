using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>Kicks the relay when a change that raised events is committed.</summary>
public sealed class OutboxKick(OutboxRelay relay) : ICommitListener
{
    /// <inheritdoc/>
    public void Committed(IReadOnlySet<short> shards, DateTimeOffset? firstReminder)
    {
        if (shards.Count > 0)
        {
            relay.Kick(shards);
        }
    }
}
