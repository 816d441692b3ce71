using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Infrastructure.Consumers;

/// <summary>What a consumer group does about events.</summary>
public interface IEventHandler
{
    /// <summary>
    /// The name by which the inbox, dead letters and metrics know it; it stays when <c>Kafka:GroupPrefix</c> names the consumer groups otherwise.
    /// </summary>
    string Group { get; }

    /// <summary>Whether it handles an event. Of others the group remembers nothing: a repeat changes nothing, either.</summary>
    bool Handles(Event read) => true;

    /// <summary>
    /// Whether people are told of what follows under an id that only this handler's rows know. Its commit waits for the disk then: after
    /// a crash of the database it would happen again, under another id (<see cref="AsynchronousCommit"/>).
    /// </summary>
    bool ReachesPeople => false;

    /// <summary>
    /// Handles events that the group has not seen before, in their order, inside the transaction that remembers them: it
    /// changes the database through <paramref name="work"/> and nothing else, and may be run again after a rollback. The caller commits. It
    /// passes over types that it does not know.
    /// </summary>
    /// <param name="work">The change, in its transaction.</param>
    /// <param name="events">The events, oldest first per task.</param>
    /// <param name="ct">Ends the work; the transaction rolls back.</param>
    Task Handle(UnitOfWork work, IReadOnlyList<Event> events, CancellationToken ct);
}
