using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Events;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Infrastructure.Recurrence;
using TodoFlow.Messaging.Events;

namespace TodoFlow.Functions.Recurrence;

/// <summary>Lets the next occurrence of a recurring task follow when one is completed: one, however often Kafka delivers the event.</summary>
public sealed class CreateNextOccurrence(Inbox inbox, NextOccurrence next, Topics topics)
{
    /// <summary>Throws where the database cannot do its part now; what can never be handled is parked.</summary>
    [Function(nameof(CreateNextOccurrence))]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")] // the host commits a failed record unless told to retry
    public Task Run(
        [KafkaTrigger("%Kafka:Brokers%", "%Kafka:Topics:TaskEvents%", ConsumerGroup = "%Kafka:GroupPrefix%recurrence", IsBatched = true)] KafkaRecord[] records,
        CancellationToken ct) =>
        inbox.Deliver(next, records.ToEventRecords(topics), ct);
}
