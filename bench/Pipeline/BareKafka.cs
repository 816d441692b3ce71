using System.Collections.Concurrent;
using System.Security.Cryptography;
using Confluent.Kafka;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Pipeline;

/// <summary>
/// The twin of the pipeline: a bare Confluent producer and consumer, with the settings that TodoFlow gives them, but for how soon they connect again, which is the library's own. It shows what the broker
/// and its client do without a database: from handing a record to the producer until the consumer has it.
/// </summary>
public sealed class BareKafka : IAsyncDisposable
{
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(900); // about the size of an event about a task

    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly ConcurrentDictionary<Guid, long> _received = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly IProducer<string, byte[]> _producer;
    private readonly Task _consuming;
    private readonly string _topic;

    private BareKafka(KafkaCluster kafka, string topic)
    {
        _topic = topic;
        _producer = new ProducerBuilder<string, byte[]>(new ProducerConfig
        {
            BootstrapServers = kafka.Brokers,
            EnableIdempotence = true,
            Acks = Acks.All,
            LingerMs = 0.1,
            CompressionType = CompressionType.Lz4,
        }).Build();
        _consuming = Task.Factory.StartNew(() => Consume(kafka), TaskCreationOptions.LongRunning);
    }

    /// <summary>Connects both to a topic of their own.</summary>
    public static async Task<BareKafka> Start(KafkaCluster kafka, int partitions) => new(kafka, await kafka.CreateTopic("bare", partitions));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _consuming;
        _producer.Dispose();
        _stop.Dispose();
    }

    /// <summary>As fast as they go.</summary>
    /// <returns>Records a second.</returns>
    public async Task<double> Sustain(int records)
    {
        _received.Clear();
        var started = _clock.GetTimestamp();
        for (var i = 0; i < records; i++)
        {
            while (true)
            {
                try
                {
                    _producer.Produce(_topic, Record(out _));
                    break;
                }
                catch (ProduceException<string, byte[]> error) when (error.Error.Code == ErrorCode.Local_QueueFull)
                {
                    await Task.Delay(1);
                }
            }
        }

        await Until(() => _received.Count >= records);
        return records / _clock.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Sends records at a rate, and waits until the last of them has arrived.</summary>
    public async Task<RateRound> Produce(int rate, int seconds)
    {
        _received.Clear();
        var sent = new Dictionary<Guid, long>();
        var confirmed = new ConcurrentBag<double>();
        var started = _clock.GetTimestamp();
        for (var i = 0; i < rate * seconds; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / rate) - _clock.GetElapsedTime(started);
            if (due > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(due);
            }

            var record = Record(out var id);
            var at = sent[id] = _clock.GetTimestamp();
            _producer.Produce(_topic, record, _ => confirmed.Add(_clock.GetElapsedTime(at).TotalMilliseconds));
        }

        await Until(() => confirmed.Count >= sent.Count && _received.Count >= sent.Count && sent.Keys.All(_received.ContainsKey)); // others may come late, after an outage
        return new(
            rate, sent.Count / _clock.GetElapsedTime(started, _received.Values.Max()).TotalSeconds, [.. confirmed],
            [.. sent.Select(one => _clock.GetElapsedTime(one.Value, _received[one.Key]).TotalMilliseconds)], [.. sent.Keys.Select(id => _received[id])]);
    }

    /// <summary>Sends ten records a second until one is confirmed.</summary>
    /// <returns>When that was.</returns>
    public async Task<long> FirstConfirmed()
    {
        var confirmed = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        while (!confirmed.Task.IsCompleted)
        {
            _producer.Produce(_topic, Record(out _), report =>
            {
                if (!report.Error.IsError)
                {
                    confirmed.TrySetResult(_clock.GetTimestamp());
                }
            });
            await Task.WhenAny(confirmed.Task, Task.Delay(TimeSpan.FromMilliseconds(100)));
        }

        return await confirmed.Task;
    }

    private void Consume(KafkaCluster kafka)
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = kafka.Brokers,
            GroupId = "bare",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            FetchWaitMaxMs = kafka.IsMock ? 5 : null, // as the hosts' consumers
        }).Build();
        consumer.Subscribe(_topic);
        try
        {
            while (true)
            {
                _received.TryAdd(Guid.Parse(consumer.Consume(_stop.Token).Message.Key), _clock.GetTimestamp());
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
