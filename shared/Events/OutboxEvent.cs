using System.Text.Json.Serialization.Metadata;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TodoFlow.Domain.Events;

namespace TodoFlow.Events;

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

    /// <summary>The lane that the key falls in, from 0; one relay works on a lane at a time.</summary>
    public required short Lane { get; init; }

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

    /// <summary>An event about a task.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="type">Its type, with the major version.</param>
    /// <param name="taskId">The task: what order is kept by.</param>
    /// <param name="userId">Whose task that is.</param>
    /// <param name="time">When it happened.</param>
    /// <param name="ordinal">How many events the same unit of work raised before.</param>
    /// <param name="data">What it says.</param>
    /// <param name="shape">How <paramref name="data"/> is written.</param>
    public static OutboxEvent Of<T>(
        string topic, string type, Guid taskId, Guid userId, DateTimeOffset time, int ordinal, T data, JsonTypeInfo<T> shape)
    {
        var id = Domain.Events.EventId.New(time, ordinal);
        using var create = Telemetry.StartCreate(topic, type, id);
        return new OutboxEvent
        {
            EventId = id,
            Topic = topic,
            Key = taskId.ToString(),
            Lane = Lanes.Of(taskId),
            Payload = CloudEvent.Write(id, type, taskId, userId, time, data, shape),
            CreatedAt = time,
        };
    }
}
