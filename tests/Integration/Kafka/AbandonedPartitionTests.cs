using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using NSubstitute;
using TodoFlow.Host;
using TodoFlow.Tests.Integration.Transports;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Kafka;

/// <summary>
/// A group that leaves partitions alone, and settings that the library refuses: the instance is degraded, says who is concerned, and works
/// as soon as it can. The mock cluster cannot describe groups; what it would tell is the test's.
/// </summary>
public sealed class AbandonedPartitionTests : TransportTest, IDisposable
{
    private readonly KafkaCluster _kafka = KafkaCluster.StartMock();
    private readonly FakeClock _clock = new(DateTimeOffset.UtcNow);
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
    public async Task A_group_that_leaves_partitions_alone_degrades_the_instance_until_it_reads_them()
    {
        // The group is led by somebody who may not see the topic: this member stays without a partition.
        _kafka.FailNext(KafkaRequest.JoinGroup, [.. Enumerable.Repeat(ErrorCode.GroupAuthorizationFailed, 100_000)]);
        var host = await StartHost(typeof(TakeSingle));

        Assert.Equal($"TakeSingle has no partition of {Topic}, and in the group singles nobody reads 0, 1, 2 of it.", await Until(host, HealthStatus.Degraded));
        _kafka.StopFailing(KafkaRequest.JoinGroup);
        Assert.Null(await Until(host, HealthStatus.Healthy));
    }

    [Fact]
    public async Task Settings_that_the_library_refuses_degrade_the_instance()
    {
        // Where the brokers assign, they alone say how long a session lasts.
        var host = await StartHost("a", null, [typeof(TakeSingle)], ("Kafka:Consumer:GroupProtocol", "Consumer"), ("Kafka:Consumer:SessionTimeoutMs", "6000"));

        Assert.Equal("TakeSingle cannot run; the log says why.", await Until(host, HealthStatus.Degraded));
    }

    protected override Task Send(params (string Key, string Value)[] records) => throw new NotSupportedException();

    protected override void Configure(HostApplicationOptions options)
    {
        options.Clock = _clock;
        options.ConfigureLogging = logging => logging.ClearProviders();
        var add = options.AddServices;
        options.AddServices = (services, configuration) =>
        {
            add(services, configuration);
            services.Replace(ServiceDescriptor.Singleton(Admin()));
        };
    }

    private IAdminClient Admin()
    {
        var real = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _kafka.Brokers }).SetLogHandler((_, _) => { }).Build();
        var admin = Substitute.For<IAdminClient>();
        admin.GetMetadata(default).ReturnsForAnyArgs(_ => real.GetMetadata(Patience));
        admin.DescribeConsumerGroupsAsync(null, null).ReturnsForAnyArgs(
            new DescribeConsumerGroupsResult { ConsumerGroupDescriptions = [new ConsumerGroupDescription { State = ConsumerGroupState.Empty, Members = [] }] });
        admin.When(client => client.Dispose()).Do(_ => real.Dispose());
        return admin;
    }

    // Lets time pass until the consumers' health is this.
    private async Task<string?> Until(HostApplication host, HealthStatus status)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (true)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "consumers", patience.Token);
            if (report.Status == status)
            {
                return report.Entries["consumers"].Description;
            }

            await looks.WaitForNextTickAsync(patience.Token);
        }
    }
}
