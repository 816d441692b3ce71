using Microsoft.Azure.Functions.Worker;
using TodoFlow.Messaging.Events;

namespace TodoFlow.Functions.Events;

/// <summary>Takes the trigger's records over into the domain.</summary>
internal static class KafkaRecords
{
    /// <summary>The records, under the names that TodoFlow uses for topics.</summary>
    public static IReadOnlyList<EventRecord> ToEventRecords(this KafkaRecord[] records, Topics topics) =>
        [.. records.Select(record => new EventRecord(
            topics.FromBroker(record.Topic),
            record.Partition,
            record.Offset,
            record.Key,
            record.Value,
            [.. (record.Headers ?? []).Select(header => KeyValuePair.Create<string, byte[]?>(header.Key, header.Value))]))];
}
