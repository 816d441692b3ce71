using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Confluent.Kafka;
using TodoFlow.Bench.Reports;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Pipeline;

/// <summary>What the broker and its client do without a database: from handing a record to the producer until the consumer has it.</summary>
/// <param name="Rates">At the rates of the pipeline.</param>
/// <param name="PerSecond">Records a second, as fast as they go.</param>
public sealed record TwinResult(IReadOnlyList<RateResult> Rates, double PerSecond)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"bare client: {string.Join("; ", Rates)}; {PerSecond:N0} records/s");
}

/// <summary>The twin of the pipeline over Kafka: a bare Confluent producer and consumer, with the settings that TodoFlow gives them.</summary>
public static class BareKafka
{
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(900); // about the size of an event about a task

    /// <summary>Measures a topic of its own on the cluster.</summary>
    public static async Task<TwinResult> Measure(KafkaCluster kafka, int seconds, int records)
    {
        var topic = await kafka.CreateTopic("bare");
        var clock = TimeProvider.System;
        var received = new ConcurrentDictionary<Guid, long>();
        using var stop = new CancellationTokenSource();
        var consuming = Task.Factory.StartNew(() => Consume(kafka.Brokers, topic, received, clock, stop.Token), TaskCreationOptions.LongRunning);
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig
        {
            BootstrapServers = kafka.Brokers,
            EnableIdempotence = true,
            Acks = Acks.All,
            LingerMs = 2,
            CompressionType = CompressionType.Lz4,
        }).Build();
        await Produce(producer, topic, received, clock, 100, 2);
        var rates = new List<RateResult>
        {
            await Produce(producer, topic, received, clock, 100, seconds),
            await Produce(producer, topic, received, clock, 1000, seconds),
        };

        received.Clear();
        var started = clock.GetTimestamp();
        for (var i = 0; i < records; i++)
        {
            while (true)
            {
                try
                {
                    producer.Produce(topic, Record(out _));
                    break;
                }
                catch (ProduceException<string, byte[]> error) when (error.Error.Code == ErrorCode.Local_QueueFull)
                {
                    await Task.Delay(1);
                }
            }
        }

        await Until(() => received.Count >= records);
        var perSecond = records / clock.GetElapsedTime(started).TotalSeconds;
        await stop.CancelAsync();
        await consuming;
        return new(rates, perSecond);
    }

    private static async Task<RateResult> Produce(
        IProducer<string, byte[]> producer, string topic, ConcurrentDictionary<Guid, long> received, TimeProvider clock, int rate, int seconds)
    {
        received.Clear();
        var sent = new Dictionary<Guid, long>();
        var confirmed = new ConcurrentBag<double>();
        var started = clock.GetTimestamp();
        for (var i = 0; i < rate * seconds; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / rate) - clock.GetElapsedTime(started);
            if (due > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(due);
            }

            var record = Record(out var id);
            var at = sent[id] = clock.GetTimestamp();
            producer.Produce(topic, record, _ => confirmed.Add(clock.GetElapsedTime(at).TotalMilliseconds));
        }

        await Until(() => received.Count >= sent.Count && confirmed.Count >= sent.Count);
        var times = sent.Select(one => clock.GetElapsedTime(one.Value, received[one.Key]).TotalMilliseconds).ToList();
        return new(
            rate, sent.Count / clock.GetElapsedTime(started, received.Values.Max()).TotalSeconds, confirmed.Median(), confirmed.Percentile(99),
            times.Median(), times.Percentile(95), times.Percentile(99), times.Max());
    }

    private static void Consume(string brokers, string topic, ConcurrentDictionary<Guid, long> received, TimeProvider clock, CancellationToken stop)
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = brokers,
            GroupId = "bare",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            FetchWaitMaxMs = 5,
        }).Build();
        consumer.Subscribe(topic);
        try
        {
            while (true)
            {
                received.TryAdd(Guid.Parse(consumer.Consume(stop).Message.Key), clock.GetTimestamp());
            }
        }
        catch (OperationCanceledException)
        {
            consumer.Close();
        }
    }

    private static Message<string, byte[]> Record(out Guid id)
    {
        id = Guid.CreateVersion7();
        return new() { Key = id.ToString(), Value = Content };
    }

    private static async Task Until(Func<bool> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromMinutes(5))
            {
                throw new TimeoutException("Not every record arrived.");
            }

            await Task.Delay(5);
        }
    }
}
