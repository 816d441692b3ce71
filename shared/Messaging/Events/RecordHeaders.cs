using System.Text;
using System.Text.Json;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Messaging.Events;

/// <summary>The headers of a record, the same on both transports.</summary>
public static class RecordHeaders
{
    private static readonly byte[] ContentType = Encoding.ASCII.GetBytes(CloudEvent.ContentType);

    /// <summary>The headers of a row of the outbox.</summary>
    /// <param name="stored">Its <see cref="OutboxEvent.Headers"/>.</param>
    public static IEnumerable<KeyValuePair<string, byte[]>> Of(string? stored) => stored is null
        ? [KeyValuePair.Create("content-type", ContentType)] // Kafka protocol binding for CloudEvents, section 3.3
        : JsonSerializer.Deserialize<Dictionary<string, string>>(stored)!.Select(header => KeyValuePair.Create(header.Key, Encoding.UTF8.GetBytes(header.Value)));
}
