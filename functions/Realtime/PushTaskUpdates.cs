using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Events;
using TodoFlow.Infrastructure.Realtime;
using TodoFlow.Messaging.Events;

namespace TodoFlow.Functions.Realtime;

/// <summary>
/// Tells every connected device of a user what happened to their tasks, and their reminders. A repeat tells it again: devices know it
/// by its version or its notification. What is lost on the way is lost: devices ask for it when they connect.
/// </summary>
public sealed class PushTaskUpdates(RealtimeMessages messages, Topics topics)
{
    // By which lines of the log name it.
    private const string Handler = "todoflow-realtime";

    /// <summary>
    /// Returns the messages of the records that can be read. The consumer group is for where one service fans out to all devices. Instances
    /// of the standalone host with a hub of its own read every record each, under no group, since each has other devices.
    /// </summary>
    [Function(nameof(PushTaskUpdates))]
    [SignalROutput(HubName = RealtimeHub.Name, ConnectionStringSetting = AzureSignalR.Setting)]
    public SignalRMessageAction[] Run(
        [KafkaTrigger("%Kafka:Brokers%", "%Kafka:Topics:TaskUpdates%", ConsumerGroup = "%Kafka:GroupPrefix%realtime", IsBatched = true)] KafkaRecord[] records) =>
        [.. messages.Read(Handler, records.ToEventRecords(topics)).Select(message =>
            new SignalRMessageAction(message.Target, [message.Payload]) { UserId = message.UserId.ToString() })];
}
