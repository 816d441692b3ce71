namespace TodoFlow.Domain.Events;

/// <summary>Something that happened, raised in the transaction that made it true.</summary>
public interface IDomainEvent
{
    /// <summary>The messages that tell of it, about the state as it is now.</summary>
    IEnumerable<EventMessage> ToMessages();
}

/// <summary>What an event says, before it is put into an envelope.</summary>
/// <param name="Type">Its type with the major version, such as <c>task.created.v1</c>.</param>
/// <param name="TaskId">The task that it is about: what order is kept by.</param>
/// <param name="UserId">Whose task that is.</param>
/// <param name="Time">When it happened, UTC.</param>
/// <param name="Data">What it says, in the shape of its type.</param>
public sealed record EventMessage(string Type, Guid TaskId, Guid UserId, DateTimeOffset Time, object Data);
