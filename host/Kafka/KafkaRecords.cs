using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;

namespace TodoFlow.Host.Kafka;

/// <summary>Turns records of the client library into those that functions take.</summary>
internal static class KafkaRecords
{
    /// <summary>The same record, every byte of it.</summary>
    public static KafkaRecord ToKafkaRecord(this ConsumeResult<byte[], byte[]> result) => new()
    {
        Topic = result.Topic,
        Partition = result.Partition,
        Offset = result.Offset,
        Key = result.Message.Key,
        Value = result.Message.Value,
        Timestamp = new KafkaTimestamp
        {
            UnixTimestampMs = result.Message.Timestamp.UnixTimestampMs,
            Type = result.Message.Timestamp.Type switch
            {
                TimestampType.CreateTime => KafkaTimestampType.CreateTime,
                TimestampType.LogAppendTime => KafkaTimestampType.LogAppendTime,
                _ => KafkaTimestampType.NotAvailable,
            },
        },
        Headers = [.. (result.Message.Headers ?? []).Select(header => new KafkaHeader { Key = header.Key, Value = header.GetValueBytes() })],
    };
}
