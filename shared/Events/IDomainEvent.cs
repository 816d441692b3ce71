namespace TodoFlow.Events;

/// <summary>Something that happened, raised in the transaction that made it true.</summary>
public interface IDomainEvent
{
    /// <summary>The events that tell of it, as they are stored in the outbox.</summary>
    /// <param name="ordinal">How many events the same unit of work raised before.</param>
    IEnumerable<OutboxEvent> ToEvents(int ordinal = 0);
}
