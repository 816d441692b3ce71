using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Domain.Events;

namespace TodoFlow.Messaging.Events;

/// <summary>Writes CloudEvents 1.0 in structured JSON, the form in which events wait in the outbox and travel.</summary>
public static class CloudEvent
{
    /// <summary>Who publishes: the <c>source</c> of every event.</summary>
    public const string Source = "/todoflow";

    /// <summary>The media type of an event (CloudEvents JSON format, section 3).</summary>
    public const string ContentType = "application/cloudevents+json; charset=utf-8";

    /// <summary>
    /// Writes an event. It carries on the correlation id and the trace of what is being worked on; outside of a request its own
    /// id begins a new correlation.
    /// </summary>
    /// <param name="id">The event's id, by which consumers know a repeat.</param>
    /// <param name="message">What it says.</param>
    /// <param name="shape">How its data is written.</param>
    /// <returns>UTF-8.</returns>
    public static byte[] Write(Guid id, EventMessage message, JsonTypeInfo shape)
    {
        using var buffer = new MemoryStream(2048);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = shape.Options.Encoder }))
        {
            writer.WriteStartObject();
            writer.WriteString("specversion", "1.0");
            writer.WriteString("id", id);
            writer.WriteString("source", Source);
            writer.WriteString("type", message.Type);
            writer.WriteString("subject", message.TaskId);
            writer.WriteString("time", message.Time.UtcDateTime);
            writer.WriteString("datacontenttype", "application/json");
            writer.WriteString("dataschema", SchemaOf(message.Type));
            if (Correlation.Id is { Length: > 0 } correlationId)
            {
                writer.WriteString("correlationid", correlationId);
            }
            else
            {
                writer.WriteString("correlationid", id);
            }

            if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } traceParent })
            {
                writer.WriteString("traceparent", traceParent);
            }

            if (Correlation.ClientTime is { } clientTime)
            {
                writer.WriteString("clienttime", clientTime.UtcDateTime);
            }

            writer.WriteString("userid", message.UserId);
            writer.WritePropertyName("data");
            JsonSerializer.Serialize(writer, message.Data, shape);
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>Reads the span that created an event, and nothing else of it.</summary>
    /// <returns>False where the bytes are no event, or one without a trace.</returns>
    public static bool TryReadTrace(ReadOnlySpan<byte> bytes, out ActivityContext created)
    {
        created = default;
        var json = new Utf8JsonReader(bytes);
        try
        {
            while (json.Read())
            {
                if (json.CurrentDepth != 1 || json.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                var found = json.ValueTextEquals("traceparent"u8);
                json.Read();
                if (found)
                {
                    return json.TokenType == JsonTokenType.String && ActivityContext.TryParse(json.GetString(), null, isRemote: true, out created);
                }

                json.Skip();
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // A dead letter may be anything, also text with half a character, which GetString refuses.
        }

        return false;
    }

    /// <summary>The URI of an event type's JSON Schema: its <c>dataschema</c>.</summary>
    public static string SchemaOf(string type) => $"urn:todoflow:schema:{type}";
}
