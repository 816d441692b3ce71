using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Events;
using TodoFlow.Infrastructure.Audit;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Messaging.Events;

namespace TodoFlow.Functions.Audit;

/// <summary>
/// Adds what happened to reminders to the audit trail of their tasks, as <see cref="RecordAudit"/> does for tasks. It has a consumer group of
/// its own: members of one group that subscribe to different topics rebalance each other.
/// </summary>
public sealed class RecordReminderAudit(Inbox inbox, AuditTrail trail, Topics topics)
{
    /// <summary>Throws where the database cannot do its part now; what can never be recorded is parked.</summary>
    [Function(nameof(RecordReminderAudit))]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")] // the host commits a failed record unless told to retry
    public Task Run(
        [KafkaTrigger("%Kafka:Brokers%", "%Kafka:Topics:Reminders%", ConsumerGroup = "%Kafka:GroupPrefix%audit.reminders", IsBatched = true)] KafkaRecord[] records,
        CancellationToken ct) =>
        inbox.Deliver(trail, records.ToEventRecords(topics), ct);
}
