using Confluent.Kafka;
using TodoFlow.Host;
using TodoFlow.Tests.Integration.Transports;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Kafka;

/// <summary>
/// Where a group stands once its partitions are assigned, read or not: KEDA counts from there, and before 2.21 from zero where there is
/// nothing. No record is ever done here.
/// </summary>
public sealed class CommittedPositionTests : TransportTest, IDisposable
{
    private const string Group = "singles";

    private readonly KafkaCluster _kafka = KafkaCluster.StartMock();
    private readonly Dictionary<string, string> _topics = [];

    protected override string Topic => _topics["TaskEvents"];

    protected override IEnumerable<(string Name, string Value)> Settings =>
    [
        ("Events:Transport", "kafka"),
        ("Kafka:Brokers", _kafka.Brokers),
        ("Kafka:CreateTopics", "false"),
        ("Kafka:Consumer:FetchWaitMaxMs", "10"), // the mock answers an empty fetch only then
        ("Kafka:Consumer:HeartbeatIntervalMs", "200"),
        ("AzureFunctionsJobHost:extensions:kafka:sessionTimeoutMs", "2000"), // the mock rebalances a second sooner than this
        .. _topics.Select(topic => ($"Kafka:Topics:{topic.Key}", topic.Value)),
    ];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var name in new[] { "TaskEvents", "TaskUpdates", "Reminders" })
        {
            _topics[name] = await _kafka.CreateTopic(name);
        }
    }

    public void Dispose() => _kafka.Dispose();

    [Fact]
    public async Task A_group_that_finds_an_empty_topic_stands_at_its_beginning()
    {
        await Start("earliest");
        await Stands(0, 0, 0);
    }

    [Fact]
    public async Task A_group_that_comes_after_the_last_record_stands_at_the_ends()
    {
        await Send(Enumerable.Repeat((0, 10), 7).Concat(Enumerable.Repeat((2, 10), 3)));
        await Start("latest");
        await Stands(7, 0, 3);
    }

    [Fact]
    public async Task A_group_whose_first_record_cannot_be_done_stands_before_it()
    {
        await Send(Enumerable.Repeat((0, 10), 7));
        await Start("earliest");
        await Stands(0, 0, 0);
    }

    [Fact]
    public async Task A_group_without_an_offset_stands_at_the_oldest_record_that_is_left()
    {
        var oldest = await SendUntilTheOldestExpire();
        await Start("earliest");
        await Stands(oldest, 0, 0);
    }

    [Fact]
    public async Task A_group_whose_place_has_expired_stands_at_the_oldest_record_that_is_left()
    {
        await Send(Enumerable.Repeat((0, 10), 5));
        Commit((0, 2));
        var oldest = await SendUntilTheOldestExpire();
        await Start("earliest");
        await Stands(oldest, 0, 0);
    }

    [Fact]
    public async Task A_group_that_has_a_place_stays_there()
    {
        await Send(Enumerable.Repeat((0, 10), 5).Concat(Enumerable.Repeat((1, 10), 5)));
        Commit((0, 2), (1, 5));
        await Start("earliest");
        await Stands(2, 5, 0);
    }

    protected override Task Send(params (string Key, string Value)[] records) => throw new NotSupportedException();

    protected override void Configure(HostApplicationOptions options) => options.ConfigureLogging = logging => logging.ClearProviders();

    private Task<HostApplication> Start(string reset) => StartHost(
        "a", (_, _) => throw new InvalidOperationException("never"), [typeof(TakeSingle)], ("AzureFunctionsJobHost:extensions:kafka:autoOffsetReset", reset));

    private async Task Send(IEnumerable<(int Partition, int Bytes)> records)
    {
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = _kafka.Brokers, LingerMs = 1 })
            .SetLogHandler((_, _) => { }).Build();
        await Task.WhenAll(records.Select(record => producer.ProduceAsync(
            new TopicPartition(Topic, record.Partition), new Message<Null, byte[]> { Value = new byte[record.Bytes] })));
    }

    // The mock keeps 5 MB of a partition.
    private async Task<long> SendUntilTheOldestExpire()
    {
        await Send(Enumerable.Repeat((0, 200_000), 40));
        using var reader = Reader();
        var oldest = reader.QueryWatermarkOffsets(new TopicPartition(Topic, 0), Patience).Low.Value;
        Assert.InRange(oldest, 6, 44);
        return oldest;
    }

    private void Commit(params (int Partition, long Next)[] places)
    {
        using var reader = Reader();
        reader.Assign(places.Select(place => new TopicPartitionOffset(Topic, place.Partition, place.Next)));
        reader.Commit(places.Select(place => new TopicPartitionOffset(Topic, place.Partition, place.Next)));
    }

    private async Task Stands(params long[] expected)
    {
        using var reader = Reader();
        using var patience = new CancellationTokenSource(Patience);
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        long[] seen;
        do
        {
            await looks.WaitForNextTickAsync(CancellationToken.None);
            seen = [.. reader.Committed(expected.Select((_, partition) => new TopicPartition(Topic, partition)), Patience).Select(place => place.Offset.Value)];
        }
        while (!seen.SequenceEqual(expected) && !patience.IsCancellationRequested);
        Assert.Equal(expected, seen);
    }

    private IConsumer<Ignore, Ignore> Reader() => new ConsumerBuilder<Ignore, Ignore>(
        new ConsumerConfig { BootstrapServers = _kafka.Brokers, GroupId = Group, EnableAutoCommit = false }).SetLogHandler((_, _) => { }).Build();
}
