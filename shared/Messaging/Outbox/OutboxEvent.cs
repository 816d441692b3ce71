using TodoFlow.Domain.Events;
using TodoFlow.Messaging.Events;

namespace TodoFlow.Messaging.Outbox;

/// <summary>An event that was written in the transaction of its cause and is on its way to consumers.</summary>
public sealed class OutboxEvent
{
    /// <summary>The table.</summary>
    public const string Table = "outbox";

    /// <summary>The event's id, UUIDv7: what consumers know a repeat by.</summary>
    public required Guid EventId { get; init; }

    /// <summary>The topic, before any renaming by settings.</summary>
    public required string Topic { get; init; }

    /// <summary>What order is kept by: the task's id.</summary>
    public required string Key { get; init; }

    /// <summary>The shard that the key falls in, from 0; one relay works on a shard at a time.</summary>
    public required short Shard { get; init; }

    /// <summary>What is sent: a CloudEvent, or the bytes of a dead letter.</summary>
    public required byte[] Payload { get; init; }

    /// <summary>The headers of the record, as a JSON object of texts; null where it is a CloudEvent.</summary>
    public string? Headers { get; init; }

    /// <summary>When it was raised, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// Its place in the table, drawn when it was written. Between transactions gaps and reordering are normal, but what one task
    /// went through is in order: the row of the task is locked by then, and the change before is committed (see UnitOfWork).
    /// </summary>
    public long Position { get; private set; }

    /// <summary>When the broker confirmed it, or it entered the log that consumers read from PostgreSQL; UTC; null until then.</summary>
    public DateTimeOffset? PublishedAt { get; private set; }

    /// <summary>Its place in that log; null until then, and always where Kafka is the transport.</summary>
    public long? Sequence { get; private set; }

    /// <summary>The messages of a domain event, each in its envelope.</summary>
    /// <param name="raised">The domain event, about the state as it is now.</param>
    /// <param name="ordinal">How many events the same unit of work raised before.</param>
    public static IEnumerable<OutboxEvent> Of(IDomainEvent raised, int ordinal = 0) => raised.ToMessages().Select(message => Of(message, ordinal++));

    private static OutboxEvent Of(EventMessage message, int ordinal)
    {
        var type = EventTypes.Find(message.Type) ?? throw new InvalidOperationException($"{message.Type} is no known type of event.");
        var id = Domain.Events.EventId.New(message.Time, ordinal);
        using var create = EventTelemetry.StartCreate(type.Topic, message.Type, id);
        return new OutboxEvent
        {
            EventId = id,
            Topic = type.Topic,
            Key = message.TaskId.ToString(),
            Shard = Shards.Of(message.TaskId),
            Payload = CloudEvent.Write(id, message, type.Data),
            CreatedAt = message.Time,
        };
    }
}
