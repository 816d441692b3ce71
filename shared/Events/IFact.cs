namespace TodoFlow.Events;

/// <summary>Something that happened, to be announced in the transaction that made it true.</summary>
public interface IFact
{
    /// <summary>Its events.</summary>
    /// <param name="ordinal">How many events the same unit of work announced before.</param>
    IEnumerable<OutboxEvent> ToEvents(int ordinal = 0);
}
