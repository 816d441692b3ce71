using Microsoft.Azure.Functions.Worker;
using TodoFlow.Tests.Support;

namespace TodoFlow.Tests.Integration.Transports;

/// <summary>What one invocation was given, and how often it had been tried before.</summary>
public sealed record Delivery(string Host, IReadOnlyList<KafkaRecord> Records, int RetryCount)
{
    /// <summary>The values as text.</summary>
    public IEnumerable<string> Values => Records.Select(record => System.Text.Encoding.UTF8.GetString(record.Value!));
}

/// <summary>What the functions of these tests do: they report, and then act as the test says.</summary>
public sealed class Receiver(string host, Observed<Delivery> deliveries, Func<Delivery, CancellationToken, Task>? act = null)
{
    public Task Take(IReadOnlyList<KafkaRecord> records, FunctionContext context)
    {
        var delivery = new Delivery(host, records, context.RetryContext.RetryCount);
        deliveries.Add(delivery);
        return act?.Invoke(delivery, context.CancellationToken) ?? Task.CompletedTask;
    }
}

public sealed class TakeBatch(Receiver receiver)
{
    [Function("TakeBatch")]
    [ExponentialBackoffRetry(-1, "00:00:00.010", "00:00:00.100")]
    public Task Run(
        [KafkaTrigger("%Kafka:Brokers%", "%Kafka:Topics:TaskEvents%", ConsumerGroup = "batches", IsBatched = true)] KafkaRecord[] records,
        FunctionContext context) => receiver.Take(records, context);
}

public sealed class TakeSingle(Receiver receiver)
{
    [Function("TakeSingle")]
    [ExponentialBackoffRetry(-1, "00:00:00.010", "00:00:00.100")]
    public Task Run(
        [KafkaTrigger("%Kafka:Brokers%", "%Kafka:Topics:TaskEvents%", ConsumerGroup = "singles")] KafkaRecord record,
        FunctionContext context) => receiver.Take([record], context);
}

public sealed class TakePatiently(Receiver receiver)
{
    [Function("TakePatiently")]
    [ExponentialBackoffRetry(-1, "01:00:00", "01:00:00")]
    public Task Run(
        [KafkaTrigger("%Kafka:Brokers%", "%Kafka:Topics:TaskEvents%", ConsumerGroup = "patient")] KafkaRecord record,
        FunctionContext context) => receiver.Take([record], context);
}

public sealed class TakeOnce(Receiver receiver)
{
    [Function("TakeOnce")]
    public Task Run(
        [KafkaTrigger("%Kafka:Brokers%", "%Kafka:Topics:TaskEvents%", ConsumerGroup = "once")] KafkaRecord record,
        FunctionContext context) => receiver.Take([record], context);
}

public sealed class TakeBatchOnce(Receiver receiver)
{
    [Function("TakeBatchOnce")]
    public Task Run(
        [KafkaTrigger("%Kafka:Brokers%", "%Kafka:Topics:TaskEvents%", ConsumerGroup = "batches-once", IsBatched = true)] KafkaRecord[] records,
        FunctionContext context) => receiver.Take(records, context);
}

public sealed class TakeForAll(Receiver receiver)
{
    [Function("TakeForAll")]
    [SignalROutput(HubName = "notifications")]
    public async Task<SignalRMessageAction[]> Run(
        [KafkaTrigger("%Kafka:Brokers%", "%Kafka:Topics:TaskEvents%", ConsumerGroup = "all", IsBatched = true)] KafkaRecord[] records,
        FunctionContext context)
    {
        await receiver.Take(records, context);
        return [];
    }
}
