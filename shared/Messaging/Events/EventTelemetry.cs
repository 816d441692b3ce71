using System.Diagnostics;
using System.Globalization;
using TodoFlow.Domain.Diagnostics;

namespace TodoFlow.Messaging.Events;

/// <summary>The spans of events on their way (OpenTelemetry's conventions for messaging).</summary>
public static class EventTelemetry
{
    /// <summary>
    /// Begins the span of an event's creation, which the event carries on (OpenTelemetry's conventions for messaging, version 1.39,
    /// "Trace structure"). Null where nobody listens.
    /// </summary>
    public static Activity? StartCreate(string topic, string type, Guid id) => Telemetry.Source.HasListeners()
        ? Telemetry.Source.StartActivity($"create {topic}", ActivityKind.Producer)?
            .SetTag("messaging.operation.type", "create")
            .SetTag("messaging.operation.name", "create")
            .SetTag("messaging.destination.name", topic)
            .SetTag("messaging.message.id", id)
            .SetTag("cloudevents.event_type", type)
        : null;

    /// <summary>Begins the span of an event's way from the outbox to the transport, under its creation. Null where nobody listens.</summary>
    /// <param name="system">The transport: <c>kafka</c> or <c>postgresql</c>.</param>
    /// <param name="topic">Where it goes.</param>
    /// <param name="payload">The event; a dead letter's bytes may be anything.</param>
    /// <param name="began">When the relay took it up.</param>
    public static Activity? StartSend(string system, string topic, byte[] payload, DateTimeOffset began) =>
        Telemetry.Source.HasListeners() && CloudEvent.TryReadTrace(payload, out var created)
            ? Telemetry.Source.StartActivity($"send {topic}", ActivityKind.Producer, created, startTime: began)?
                .SetTag("messaging.system", system)
                .SetTag("messaging.operation.type", "send")
                .SetTag("messaging.operation.name", "send")
                .SetTag("messaging.destination.name", topic)
            : null;

    /// <summary>Records the span of a group's work on an event, in the event's trace, with a link to the work on its batch.</summary>
    public static void Processed(string group, EventRecord record, Event read, DateTimeOffset began)
    {
        if (Telemetry.Source.HasListeners() && ActivityContext.TryParse(read.TraceParent, null, isRemote: true, out var created))
        {
            ActivityLink[] links = Activity.Current is { } batch ? [new(batch.Context)] : [];
            Telemetry.Source.StartActivity($"process {record.Topic}", ActivityKind.Consumer, created, links: links, startTime: began)?
                .SetTag("messaging.operation.type", "process")
                .SetTag("messaging.operation.name", "process")
                .SetTag("messaging.destination.name", record.Topic)
                .SetTag("messaging.destination.partition.id", record.Partition.ToString(CultureInfo.InvariantCulture))
                .SetTag("messaging.consumer.group.name", group)
                .SetTag("messaging.message.id", read.Id)
                .SetTag("cloudevents.event_type", read.Type)
                .Dispose();
        }
    }
}
