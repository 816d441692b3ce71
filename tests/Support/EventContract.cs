using System.Collections.Concurrent;
using System.Net.Mime;
using System.Text;
using System.Text.Json.Nodes;
using CloudNative.CloudEvents.SystemTextJson;
using NJsonSchema;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Outbox;
using Xunit;
using Xunit.Sdk;

namespace TodoFlow.Tests.Support;

/// <summary>Holds events to the JSON Schema of their type.</summary>
public static class EventContract
{
    private static readonly ConcurrentDictionary<string, Task<JsonSchema>> Schemas = new();

    private static readonly JsonEventFormatter Formatter = new();

    /// <summary>The schema of an event type.</summary>
    public static Task<JsonSchema> SchemaOf(string type) => Schemas.GetOrAdd(type, static async name =>
    {
        var known = EventTypes.Find(name) ?? throw new XunitException($"{name} is no event type.");
        using var reader = new StreamReader(EventTypes.OpenSchema(known));
        return await JsonSchema.FromJsonAsync(await reader.ReadToEndAsync());
    });

    /// <summary>
    /// Fails unless the event validates against the schema of its type, a consumer can read it, and the CNCF's library for CloudEvents
    /// reads the same of its envelope.
    /// </summary>
    public static async Task Holds(byte[] payload)
    {
        var text = Encoding.UTF8.GetString(payload);
        var type = JsonNode.Parse(text)!["type"]!.GetValue<string>();
        var errors = (await SchemaOf(type)).Validate(text);
        if (errors.Count > 0)
        {
            throw new XunitException($"{type} breaks its schema: {string.Join("; ", errors)}\n{text}");
        }

        if (!Event.TryRead(payload, out var read, out var reason))
        {
            throw new XunitException($"{type} cannot be read: {reason}\n{text}");
        }

        var others = Formatter.DecodeStructuredModeMessage(payload, new ContentType(CloudEvent.ContentType), null); // throws where it is no CloudEvent
        Assert.Equal(
            (read.Id.ToString(), read.Type, (DateTimeOffset?)read.Time, read.TaskId?.ToString(), "application/json", CloudEvent.SchemaOf(type), CloudEvent.Source),
            (others.Id, others.Type, others.Time, others.Subject, others.DataContentType, others.DataSchema?.OriginalString, others.Source?.OriginalString));
        Assert.Equal(
            (read.UserId?.ToString(), read.CorrelationId, read.TraceParent), ((string?)others["userid"], (string?)others["correlationid"], (string?)others["traceparent"]));
    }

    /// <summary>Fails unless every event that a database's outbox holds keeps its contract.</summary>
    public static async Task HoldsFor(TestDatabase database)
    {
        foreach (var payload in await database.Column<byte[]>($"select payload from {OutboxEvent.Table} where headers is null"))
        {
            await Holds(payload);
        }
    }
}
