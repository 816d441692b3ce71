using System.Text;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>A raw record of a topic, as the broker holds it. The host fills every property in.</summary>
public class KafkaRecord
{
    /// <summary>The topic.</summary>
    public string Topic { get; set; }

    /// <summary>The partition.</summary>
    public int Partition { get; set; }

    /// <summary>The offset within the partition.</summary>
    public long Offset { get; set; }

    /// <summary>The key's bytes; null where the record has no key.</summary>
    public byte[] Key { get; set; }

    /// <summary>The value's bytes; null where the record has no value (a tombstone).</summary>
    public byte[] Value { get; set; }

    /// <summary>When the record was made or appended.</summary>
    public KafkaTimestamp Timestamp { get; set; }

    /// <summary>The headers, in order.</summary>
    public KafkaHeader[] Headers { get; set; }
}

/// <summary>A record's timestamp.</summary>
public class KafkaTimestamp
{
    /// <summary>Milliseconds since 1970-01-01 UTC.</summary>
    public long UnixTimestampMs { get; set; }

    /// <summary>What the timestamp means.</summary>
    public KafkaTimestampType Type { get; set; }

    /// <summary>The same instant, UTC.</summary>
    public DateTimeOffset DateTimeOffset => DateTimeOffset.FromUnixTimeMilliseconds(UnixTimestampMs);
}

/// <summary>Who set a record's timestamp.</summary>
public enum KafkaTimestampType
{
    /// <summary>Nobody.</summary>
    NotAvailable,

    /// <summary>The producer.</summary>
    CreateTime,

    /// <summary>The broker.</summary>
    LogAppendTime,
}

/// <summary>A record's header.</summary>
public class KafkaHeader
{
    /// <summary>The header's name.</summary>
    public string Key { get; set; }

    /// <summary>The header's bytes; null where the header has no value.</summary>
    public byte[] Value { get; set; }

    /// <summary>The bytes as UTF-8 text; null where the header has no value.</summary>
    public string GetValueAsString() => Value is null ? null : Encoding.UTF8.GetString(Value);
}
