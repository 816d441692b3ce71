using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using TodoFlow.Domain.Diagnostics;

namespace TodoFlow.Messaging.Events;

/// <summary>An event as a consumer reads it: the envelope, and the data where its type is known. Unknown fields are ignored.</summary>
public sealed record Event
{
    private Event()
    {
    }

    /// <summary>By which a repeat is known.</summary>
    public required Guid Id { get; init; }

    /// <summary>The type with its major version, such as <c>task.completed.v1</c>.</summary>
    public required string Type { get; init; }

    /// <summary>When it happened, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The task that it is about; null where the event names none.</summary>
    public required Guid? TaskId { get; init; }

    /// <summary>Whose task that is; null where the event does not say.</summary>
    public required Guid? UserId { get; init; }

    /// <summary>The request that caused it; the event's own id where it does not say.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The span that raised it (W3C Trace Context); null where there was none.</summary>
    public required string? TraceParent { get; init; }

    /// <summary>When a device says that the change was made there, UTC; null where none says so.</summary>
    public DateTimeOffset? ClientTime { get; init; }

    /// <summary>What it says, in the shape of its type; null where the type is unknown, which a consumer may pass over.</summary>
    public required object? Data { get; init; }

    /// <summary>Reads a CloudEvent in structured JSON.</summary>
    /// <param name="bytes">UTF-8; null for a record without value.</param>
    /// <param name="read">The event, or null.</param>
    /// <param name="reason">Why no consumer of this version can ever read it, without its content; or null.</param>
    public static bool TryRead(byte[]? bytes, [NotNullWhen(true)] out Event? read, [NotNullWhen(false)] out string? reason)
    {
        read = null;
        try
        {
            using var json = JsonDocument.Parse(bytes ?? default(ReadOnlyMemory<byte>));
            reason = Read(json.RootElement, out read);
        }
        catch (JsonException error)
        {
            reason = $"not the expected JSON, at {error.Path ?? "$"} (line {error.LineNumber}, byte {error.BytePositionInLine})";
        }
        catch (Exception error) when (error is InvalidOperationException or FormatException or KeyNotFoundException)
        {
            reason = "not a CloudEvent: an attribute is missing or of another type";
        }

        return reason is null;
    }

    /// <summary>
    /// Carries its correlation id and trace on, until disposed: into logs, spans, and every event that is raised meanwhile.
    /// </summary>
    /// <param name="operation">What is being done about it: the name of the span.</param>
    public IDisposable Continue(string operation) => new Continuation(this, operation);

    private static string? Read(JsonElement json, out Event? read)
    {
        read = null;
        if (json.GetProperty("specversion").GetString() is not "1.0")
        {
            return "not a CloudEvent of specversion 1.0";
        }

        var type = json.GetProperty("type").GetString() ?? "";
        if (type.Contains('\0') || OptionalText(json, "correlationid")?.Contains('\0') == true)
        {
            return "not a CloudEvent: an attribute holds NUL";
        }

        if (EventTypes.IsUnknownVersion(type))
        {
            return $"{type} is of a version that is not known here";
        }

        var id = json.GetProperty("id").GetGuid();
        read = new Event
        {
            Id = id,
            Type = type,
            Time = json.GetProperty("time").GetDateTimeOffset(),
            TaskId = OptionalId(json, "subject"),
            UserId = OptionalId(json, "userid"),
            CorrelationId = OptionalText(json, "correlationid") is { Length: > 0 } correlationId ? correlationId : id.ToString(),
            TraceParent = OptionalText(json, "traceparent"),
            ClientTime = json.TryGetProperty("clienttime", out var clientTime) ? clientTime.GetDateTimeOffset() : null,
            Data = EventTypes.Find(type) is { } known
                ? json.GetProperty("data").Deserialize(known.Data) ?? throw new JsonException(null, "$.data", null, null)
                : null,
        };
        return null;
    }

    private static Guid? OptionalId(JsonElement json, string name) => Guid.TryParse(OptionalText(json, name), out var id) ? id : null;

    private static string? OptionalText(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private sealed class Continuation : IDisposable
    {
        private readonly string _before = Correlation.Id;
        private readonly Activity? _outer = Activity.Current;
        private readonly Activity _activity;

        public Continuation(Event read, string operation)
        {
            Correlation.Id = read.CorrelationId;
            _activity = Start(read, operation);
            _activity.SetTag("messaging.message.id", read.Id).SetTag("cloudevents.event_type", read.Type);
        }

        public void Dispose()
        {
            _activity.Stop();
            _activity.Dispose();
            Activity.Current = _outer;
            Correlation.Id = _before;
        }

        // Without a listener the source makes no activity, but events that follow still belong to the trace.
        private static Activity Start(Event read, string operation)
        {
            var known = ActivityContext.TryParse(read.TraceParent, null, isRemote: true, out var parent);
            if (Telemetry.Source.StartActivity(operation, ActivityKind.Internal, parent) is { } _activity)
            {
                return _activity;
            }

            _activity = new Activity(operation);
            return (known ? _activity.SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags) : _activity).Start();
        }
    }
}
