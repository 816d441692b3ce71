using System.Diagnostics;
using System.Globalization;

namespace TodoFlow.Events;

/// <summary>Where traces come from.</summary>
public static class Telemetry
{
    /// <summary>The name to listen to.</summary>
    public const string Name = "TodoFlow";

    /// <summary>The source of the domain's spans. It has listeners only where traces are exported.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>
    /// The span that is under way, as W3C's <c>traceparent</c>: what is stored beside work that waits, so that <see cref="Resume"/> goes
    /// on in the same trace. Null where nobody listens, and where there is none.
    /// </summary>
    public static string? TraceParent => Source.HasListeners() && Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : null;

    /// <summary>Begins the span of work that waited, in the trace that it was left in. Null where nobody listens.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="kind">In which role.</param>
    /// <param name="traceParent">The span that left it; null begins a trace.</param>
    /// <param name="others">The spans that left what is done along with it: links.</param>
    public static Activity? Resume(string name, ActivityKind kind, string? traceParent, IReadOnlyList<string>? others = null)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent);
        var links = others?.Select(other => ActivityContext.TryParse(other, null, isRemote: true, out var cause) ? new ActivityLink(cause) : default);
        return Source.StartActivity(name, kind, parent, links: links?.Where(link => link.Context != default));
    }

    /// <summary>
    /// Begins the span of an event's creation, which the event carries on (OpenTelemetry's conventions for messaging, version 1.39,
    /// "Trace structure"). Null where nobody listens.
    /// </summary>
    public static Activity? StartCreate(string topic, string type, Guid id) => Source.HasListeners()
        ? Source.StartActivity($"create {topic}", ActivityKind.Producer)?
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
        Source.HasListeners() && CloudEvent.TryReadTrace(payload, out var created)
            ? Source.StartActivity($"send {topic}", ActivityKind.Producer, created, startTime: began)?
                .SetTag("messaging.system", system)
                .SetTag("messaging.operation.type", "send")
                .SetTag("messaging.operation.name", "send")
                .SetTag("messaging.destination.name", topic)
            : null;

    /// <summary>Records the span of a group's work on an event, in the event's trace, with a link to the work on its batch.</summary>
    public static void Processed(string group, EventRecord record, Event read, DateTimeOffset began)
    {
        if (Source.HasListeners() && ActivityContext.TryParse(read.TraceParent, null, isRemote: true, out var created))
        {
            ActivityLink[] links = Activity.Current is { } batch ? [new(batch.Context)] : [];
            Source.StartActivity($"process {record.Topic}", ActivityKind.Consumer, created, links: links, startTime: began)?
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
