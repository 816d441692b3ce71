using System.Text.Json;
using TodoFlow.Messaging.Events;

namespace TodoFlow.Messaging.Consumers;

/// <summary>A record that was never handled, parked with its bytes. It is kept until somebody drops it.</summary>
public sealed class DeadLetter
{
    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The consumer group that parked it.</summary>
    public required string GroupName { get; init; }

    /// <summary>The topic, by the name that TodoFlow uses.</summary>
    public required string Topic { get; init; }

    /// <summary>The partition or shard.</summary>
    public required int Partition { get; init; }

    /// <summary>The place in the partition.</summary>
    public required long RecordOffset { get; init; }

    /// <summary>SHA-256 of the value: with the place, tells a redelivery from another record.</summary>
    public required byte[] Digest { get; init; }

    /// <summary>The key's bytes.</summary>
    public byte[]? Key { get; init; }

    /// <summary>The value's bytes.</summary>
    public byte[]? Value { get; init; }

    /// <summary>The headers: a JSON array of pairs, a name and base64 or null.</summary>
    public required string Headers { get; init; }

    /// <summary>Why it was not handled, the last time.</summary>
    public required string Reason { get; init; }

    /// <summary>The event; null where the record could not be read.</summary>
    public Guid? EventId { get; init; }

    /// <summary>The request that caused it; null where the record could not be read.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>When it was first parked, UTC.</summary>
    public required DateTimeOffset FirstParkedAt { get; init; }

    /// <summary>When it was last parked, UTC.</summary>
    public required DateTimeOffset LastParkedAt { get; init; }

    /// <summary>When it was handled after all, UTC; null until then.</summary>
    public DateTimeOffset? ReplayedAt { get; init; }

    /// <summary>The record as it was delivered.</summary>
    public EventRecord ToRecord() => new(Topic, Partition, RecordOffset, Key, Value, ReadHeaders(Headers));

    internal static string WriteHeaders(IReadOnlyList<KeyValuePair<string, byte[]?>> headers) => JsonSerializer.Serialize(
        headers.Select(header => new[] { header.Key, header.Value is null ? null : Convert.ToBase64String(header.Value) }));

    private static List<KeyValuePair<string, byte[]?>> ReadHeaders(string json) =>
        [.. JsonSerializer.Deserialize<string?[][]>(json)!.Select(pair => KeyValuePair.Create(pair[0]!, pair[1] is { } text ? Convert.FromBase64String(text) : null))];
}
