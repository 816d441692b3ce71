using System.Text;

namespace TodoFlow.Messaging.Events;

/// <summary>A record as a transport delivers it to a consumer group, its content unread.</summary>
/// <param name="Topic">The topic, by the name that TodoFlow uses.</param>
/// <param name="Partition">The partition; the shard where PostgreSQL is the transport.</param>
/// <param name="Offset">The place in the partition.</param>
/// <param name="Key">The key's bytes; null where there is none.</param>
/// <param name="Value">The value's bytes; null where there is none.</param>
/// <param name="Headers">The headers, in order.</param>
public sealed record EventRecord(
    string Topic, int Partition, long Offset, byte[]? Key, byte[]? Value, IReadOnlyList<KeyValuePair<string, byte[]?>> Headers)
{
    /// <summary>The key as text; bytes that are none, and NUL, which PostgreSQL's text cannot hold, are replaced.</summary>
    public string KeyText => Encoding.UTF8.GetString(Key ?? []).Replace('\0', '\uFFFD');
}
