using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Events;
using TodoFlow.Infrastructure.Audit;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Messaging.Events;

namespace TodoFlow.Functions.Audit;

/// <summary>Adds what happened to tasks to the audit trail, one row per event, however often Kafka delivers it.</summary>
public sealed class RecordAudit(Inbox inbox, AuditTrail trail, Topics topics)
{
    /// <summary>Throws where the database cannot do its part now; what can never be recorded is parked.</summary>
    [Function(nameof(RecordAudit))]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")] // the host commits a failed record unless told to retry
    public Task Run(
        [KafkaTrigger("%Kafka:Brokers%", "%Kafka:Topics:TaskEvents%", ConsumerGroup = "%Kafka:GroupPrefix%audit", IsBatched = true)] KafkaRecord[] records,
        CancellationToken ct) =>
        inbox.Deliver(trail, records.ToEventRecords(topics), ct);
}
