using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Events;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Messaging.Events;

namespace TodoFlow.Functions.Notifications;

/// <summary>Turns each reminder that is due into one notification, however often Kafka delivers it.</summary>
public sealed class NotifyOnReminder(Inbox inbox, ReminderNotifier notifier, DeliveryQueues deliveries, Topics topics)
{
    /// <summary>Throws where the database cannot do its part now; what can never be handled is parked.</summary>
    [Function(nameof(NotifyOnReminder))]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")] // the host commits a failed record unless told to retry
    public async Task Run(
        [KafkaTrigger("%Kafka:Brokers%", "%Kafka:Topics:Reminders%", ConsumerGroup = "%Kafka:GroupPrefix%notifier", IsBatched = true)] KafkaRecord[] records,
        CancellationToken ct)
    {
        await inbox.Deliver(notifier, records.ToEventRecords(topics), ct);
        deliveries.Kick();
    }
}
