using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TodoFlow.Host;
using TodoFlow.Infrastructure.Health;
using TodoFlow.Messaging.Events;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Transports;

/// <summary>The same with the group protocol of KIP-848, in which the brokers assign partitions and say how long a session lasts.</summary>
public sealed class KafkaConsumerProtocolTests : KafkaTransportTests
{
    protected override IEnumerable<(string Name, string Value)> Group =>
    [
        ("Kafka:Consumer:GroupProtocol", "Consumer"), ("AzureFunctionsJobHost:extensions:kafka:sessionTimeoutMs", "2000"), // of no account here, but no poll may take less
    ];
}

public class KafkaTransportTests : TransportTests, IDisposable
{
    private readonly KafkaCluster _kafka = KafkaCluster.StartMock();
    private readonly LogLines _log = new();
    private readonly Dictionary<string, string> _topics = [];
    private IProducer<string, byte[]> _producer = null!;

    protected override string Topic => _topics["TaskEvents"];

    protected override IEnumerable<(string Name, string Value)> Settings =>
    [
        ("Events:Transport", "kafka"),
        ("Kafka:Brokers", _kafka.Brokers),
        ("Kafka:CreateTopics", "false"),
        ("Kafka:Consumer:FetchWaitMaxMs", "10"), // the mock answers an empty fetch only then
        .. Group,
        .. _topics.Select(topic => ($"Kafka:Topics:{topic.Key}", topic.Value)),
    ];

    /// <summary>How hosts are members of their groups.</summary>
    protected virtual IEnumerable<(string Name, string Value)> Group =>
    [
        ("Kafka:Consumer:HeartbeatIntervalMs", "200"),
        ("AzureFunctionsJobHost:extensions:kafka:sessionTimeoutMs", "2000"), // the mock rebalances a second sooner than this
    ];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var name in new[] { "TaskEvents", "TaskUpdates", "Reminders" })
        {
            _topics[name] = await _kafka.CreateTopic(name);
            await _kafka.AddTopic(_topics[name] + Topics.DeadLetterSuffix);
        }

        _producer = new ProducerBuilder<string, byte[]>(new ProducerConfig
        {
            BootstrapServers = _kafka.Brokers,
            EnableIdempotence = true,
            LingerMs = 1,
            ReconnectBackoffMs = 10,
            ReconnectBackoffMaxMs = 50,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
    }

    public override async Task DisposeAsync()
    {
        _producer.Dispose();
        await base.DisposeAsync();
    }

    public void Dispose()
    {
        _kafka.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Brokers_that_are_down_at_start_cost_one_warning_and_are_waited_for()
    {
        _kafka.Down();
        var host = await StartHost(typeof(TakeSingle));
        var warning = await _log.Next(LogLevel.Warning);
        Assert.Contains(_kafka.Brokers, warning);
        var health = host.Services.GetRequiredService<KafkaHealth>();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(new HealthCheckContext())).Status);

        _kafka.Up();
        await Send(("one", "1"));
        Assert.Equal(["1"], (await Deliveries.Next()).Values);
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(new HealthCheckContext())).Status);
        Assert.False(_log.Any(LogLevel.Warning));

        _kafka.Down();
        Assert.Equal(HealthStatus.Degraded, (await health.CheckHealthAsync(new HealthCheckContext())).Status);
        _kafka.Up();
    }

    [Fact]
    public async Task Records_flow_on_after_an_outage_of_the_brokers()
    {
        await StartHost(typeof(TakeBatch));
        await Send([.. Numbered(100)]);
        await Take(100);

        _kafka.Down();
        var sending = Send([.. Numbered(200).Skip(100)]);
        _kafka.Up();
        await sending;

        var values = new HashSet<string>();
        while (values.Count < 100)
        {
            values.UnionWith((await Deliveries.Next()).Values.Where(value => int.Parse(value) >= 100));
        }
    }

    [Fact]
    public async Task A_host_that_reads_alone_goes_on_where_it_stood_when_the_brokers_were_down()
    {
        await StartBroadcast("a");
        await Send(("one", "1"));
        Assert.Equal(["1"], (await Deliveries.Next()).Values);

        _kafka.Down();
        var sending = Send(("one", "2"));
        _kafka.Up();
        await sending;

        Assert.Equal(["2"], (await Next(delivery => !delivery.Values.Contains("1"))).Values);
    }

    [Fact]
    public async Task Failed_fetches_and_commits_lose_nothing()
    {
        _kafka.FailNext(KafkaRequest.Fetch, [.. Enumerable.Repeat(ErrorCode.NotLeaderForPartition, 3), .. Enumerable.Repeat(ErrorCode.RequestTimedOut, 3)]);
        _kafka.FailNext(KafkaRequest.OffsetCommit, [.. Enumerable.Repeat(ErrorCode.NotCoordinatorForGroup, 2), .. Enumerable.Repeat(ErrorCode.GroupLoadInProgress, 2)]);
        var host = await StartHost(typeof(TakeBatch));
        await Send([.. Numbered(300)]);
        var values = new HashSet<string>();
        while (values.Count < 300)
        {
            values.UnionWith((await Deliveries.Next()).Values);
        }

        await Committed("batches", 300); // what failed was done again

        await host.StopAsync();
        await StartHost(typeof(TakeBatch));
        await Send(("key-0", "300"));
        Assert.Equal(["300"], (await Deliveries.Next()).Values);
    }

    [Fact]
    public async Task A_function_slower_than_the_poll_interval_keeps_its_place_in_the_group()
    {
        var slow = true;
        await StartHost(
            "a",
            async (_, _) =>
            {
                if (Interlocked.Exchange(ref slow, false))
                {
                    await Database.Execute("select pg_sleep(3.5)"); // the library counts in real time
                }
            },
            [typeof(TakeSingle)],
            ("AzureFunctionsJobHost:extensions:kafka:maxPollIntervalMs", "2000"));
        await Send([.. Enumerable.Range(0, 600).Select(number => ("one", $"{number}"))]); // more than may wait: the partition is paused

        for (var number = 0; number < 600; number++)
        {
            Assert.Equal([$"{number}"], (await Deliveries.Next()).Values);
        }

        Assert.False(_log.Any("lost"));
    }

    private async Task Committed(string group, long records)
    {
        using var reader = new ConsumerBuilder<Ignore, Ignore>(
            new ConsumerConfig { BootstrapServers = _kafka.Brokers, GroupId = group, EnableAutoCommit = false }).SetLogHandler((_, _) => { }).Build();
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var partitions = Enumerable.Range(0, 3).Select(partition => new TopicPartition(Topic, partition)).ToList();
        while (reader.Committed(partitions, TimeSpan.FromSeconds(30)).Sum(place => Math.Max(0, place.Offset.Value)) < records)
        {
            await looks.WaitForNextTickAsync(patience.Token);
        }
    }

    protected override Task Send(params (string Key, string Value)[] records) => Task.WhenAll(records.Select(record => _producer.ProduceAsync(
        Topic,
        new Message<string, byte[]>
        {
            Key = record.Key,
            Value = Encoding.UTF8.GetBytes(record.Value),
            Headers = [new Header("content-type", Encoding.UTF8.GetBytes(CloudEvent.ContentType))],
        })));

    protected override void Configure(HostApplicationOptions options) =>
        options.ConfigureLogging = logging => logging.ClearProviders().AddProvider(_log);
}
