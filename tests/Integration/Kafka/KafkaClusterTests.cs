using Confluent.Kafka;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Kafka;

/// <summary>What the other Kafka tests rely on: the cluster keeps what a producer was promised, whatever fails.</summary>
public sealed class KafkaClusterTests
{
    private const int Records = 300;

    [Fact]
    public async Task A_group_consumes_every_record_once_and_in_order_with_its_headers()
    {
        using var kafka = KafkaCluster.Start();
        var topic = await kafka.CreateTopic("records");
        await Produce(kafka, topic);

        AssertEachRecordOnceAndInOrder(Consume(kafka, topic, group: topic));
    }

    [Fact]
    public async Task A_group_goes_on_where_it_committed()
    {
        using var kafka = KafkaCluster.Start();
        var topic = await kafka.CreateTopic("records", partitions: 1);
        await Produce(kafka, topic);

        var first = Consume(kafka, topic, group: topic, count: 100);
        var rest = Consume(kafka, topic, group: topic, count: Records - 100);

        AssertEachRecordOnceAndInOrder([.. first, .. rest]);
    }

    [Fact]
    public async Task An_idempotent_producer_neither_loses_nor_doubles_records_when_requests_fail()
    {
        using var kafka = KafkaCluster.StartMock();
        var topic = await kafka.CreateTopic("records");
        kafka.FailNext(KafkaRequest.Produce, ErrorCode.NotEnoughReplicas, ErrorCode.NotLeaderForPartition, ErrorCode.RequestTimedOut);
        kafka.FailNext(KafkaRequest.Fetch, ErrorCode.NotLeaderForPartition);
        await Produce(kafka, topic, inFlight: 1);

        AssertEachRecordOnceAndInOrder(Consume(kafka, topic, group: topic));
    }

    [Fact]
    public async Task What_a_producer_was_promised_is_kept_though_brokers_hang_up()
    {
        using var kafka = KafkaCluster.StartMock();
        var topic = await kafka.CreateTopic("records", partitions: 1);
        kafka.HangUpOnNext(KafkaRequest.Produce, 5);
        await Produce(kafka, topic, batch: 1);

        // The mock knows no sequence numbers: what it stored before it hung up is there twice.
        Assert.Equal(Enumerable.Range(0, Records), Consume(kafka, topic, group: topic).Select(record => int.Parse(record.Message.Value)).Distinct().Order());
    }

    [Fact]
    public async Task Records_wait_for_brokers_that_are_down()
    {
        using var kafka = KafkaCluster.StartMock();
        var topic = await kafka.CreateTopic("records");
        kafka.Down();
        var producing = Produce(kafka, topic);
        Assert.False(producing.IsCompleted);
        kafka.Up();
        await producing;

        AssertEachRecordOnceAndInOrder(Consume(kafka, topic, group: topic));
    }

    // Why the relay never has two events of a key in flight (ShardRelay).
    [Fact]
    public async Task The_library_stores_what_is_behind_a_record_that_fails_for_good()
    {
        using var kafka = KafkaCluster.StartMock();
        var topic = await kafka.CreateTopic("records");
        kafka.FailNext(KafkaRequest.Produce, ErrorCode.MsgSizeTooLarge);
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = kafka.Brokers, EnableIdempotence = true, BatchNumMessages = 1 })
            .SetLogHandler((_, _) => { }).Build();

        var sent = Enumerable.Range(1, 3).Select(number => producer.ProduceAsync(topic, new Message<string, string> { Key = "one", Value = $"{number}" })).ToList();

        await Assert.ThrowsAsync<ProduceException<string, string>>(() => sent[0]);
        Assert.Equal(["2", "3"], new[] { await sent[1], await sent[2] }.OrderBy(record => record.Offset.Value).Select(record => record.Value));
        Assert.Equal(["2", "3"], Consume(kafka, topic, group: topic, count: 2).Select(record => record.Message.Value));
    }

    private static async Task Produce(KafkaCluster kafka, string topic, int inFlight = 5, int batch = 10_000)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = kafka.Brokers,
            EnableIdempotence = true,
            Acks = Acks.All,
            LingerMs = 1,
            MaxInFlight = inFlight,
            BatchNumMessages = batch,
            ReconnectBackoffMs = 10,
            ReconnectBackoffMaxMs = 50,
            RetryBackoffMs = 10,
        }).SetLogHandler((_, _) => { }).Build();
        await Task.WhenAll(Enumerable.Range(0, Records).Select(number => producer.ProduceAsync(topic, new Message<string, string>
        {
            Key = $"key-{number % 10}",
            Value = $"{number}",
            Headers = [new Header("number", BitConverter.GetBytes(number))],
        })));
    }

    /// <summary>Consumes in a group and commits. Fails after 30 seconds without a record.</summary>
    private static List<ConsumeResult<string, string>> Consume(KafkaCluster kafka, string topic, string group, int count = Records)
    {
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = kafka.Brokers,
            GroupId = group,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            FetchWaitMaxMs = 10, // the mock answers an empty fetch only then
            SessionTimeoutMs = 2000, // the mock rebalances a second sooner than this
            HeartbeatIntervalMs = 200,
            ReconnectBackoffMs = 10,
            ReconnectBackoffMaxMs = 50,
        }).SetLogHandler((_, _) => { }).Build();
        consumer.Subscribe(topic);
        var records = new List<ConsumeResult<string, string>>();
        var different = new HashSet<string>();
        while (different.Count < count)
        {
            var record = consumer.Consume(TimeSpan.FromSeconds(30));
            Assert.NotNull(record);
            records.Add(record);
            different.Add(record.Message.Value);
            consumer.Commit(record);
        }

        consumer.Close();
        return records;
    }

    private static void AssertEachRecordOnceAndInOrder(List<ConsumeResult<string, string>> records)
    {
        Assert.Equal(Enumerable.Range(0, Records), records.Select(record => int.Parse(record.Message.Value)).Order());
        Assert.All(records, record => Assert.Equal(record.Message.Value, $"{BitConverter.ToInt32(record.Message.Headers.GetLastBytes("number"))}"));
        Assert.All(records.GroupBy(record => record.Message.Key), key =>
            Assert.Equal(key.Select(record => int.Parse(record.Message.Value)).Order(), key.Select(record => int.Parse(record.Message.Value))));
    }
}
