using System.Diagnostics.Metrics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NSubstitute;
using TodoFlow.Host.Invocation;
using TodoFlow.Host.Kafka;
using TodoFlow.Messaging.Kafka;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Unit.Host;

/// <summary>When a consumer that reads nothing makes its instance degraded, and when it is a reserve.</summary>
public sealed class ConsumerHealthTests : IAsyncLifetime, IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly IAdminClient _admin = Substitute.For<IAdminClient>();
    private readonly LogLines _log = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly HostedFunction _function = Catalog.Discover([typeof(Reader)], ("Events:Transport", "kafka"), ("Brokers", "one:9092")).Functions.Single();
    private readonly ConsumerHealth _health;
    private readonly MeterListener _listener = new();
    private int _stalled;

    public ConsumerHealthTests()
    {
        _admin.GetMetadata(default).ReturnsForAnyArgs(new Metadata(
            [], [new TopicMetadata("read", [.. Enumerable.Range(0, 3).Select(id => new PartitionMetadata(id, 1, [1], [1], new Error(ErrorCode.NoError)))], new Error(ErrorCode.NoError))], 1, "one"));
        Owns(0, 1, 2);
        var meters = _services.GetRequiredService<IMeterFactory>();
        _health = new ConsumerHealth(
            _admin, Options.Create(new KafkaSettings { Brokers = "one:9092" }), meters, _clock,
            LoggerFactory.Create(logging => logging.AddProvider(_log)).CreateLogger<ConsumerHealth>());
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Name == "todoflow.consumer.stalled")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((_, value, _, _) => _stalled = value);
        _listener.Start();
    }

    public Task InitializeAsync() => _health.StartAsync(CancellationToken.None);

    public Task DisposeAsync() => _health.StopAsync(CancellationToken.None);

    public void Dispose()
    {
        _listener.Dispose();
        _health.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task A_consumer_without_a_partition_of_which_one_has_no_owner_is_named_after_a_minute_until_it_has_one()
    {
        Owns(0, 2);
        _health.Runs(_function, 0);
        await Pass(TimeSpan.FromSeconds(55));
        Assert.Equal((HealthStatus.Healthy, null, 0), await Now());

        await Pass(TimeSpan.FromSeconds(5));
        await _log.Next(LogLevel.Warning);
        Assert.Equal((HealthStatus.Degraded, "Reader has no partition of read, and in the group staging-readers nobody reads 1 of it.", 1), await Now());

        _health.Runs(_function, 0); // it still has none
        Assert.Equal(HealthStatus.Degraded, (await Now()).Status);
        _health.Runs(_function, 1);
        Assert.Equal((HealthStatus.Healthy, null, 0), await Now());
    }

    [Fact]
    public async Task A_consumer_without_a_partition_is_a_reserve_where_others_own_them_all()
    {
        _health.Runs(_function, 0);
        await Pass(TimeSpan.FromMinutes(5));
        await Asked();
        Assert.Equal((HealthStatus.Healthy, null, 0), await Now());

        Owns(0, 1); // their host is gone, and nobody gives this one its partition
        await Pass(TimeSpan.FromSeconds(5));
        await _log.Next(LogLevel.Warning);
        Assert.Equal(HealthStatus.Degraded, (await Now()).Status);
    }

    [Theory]
    [InlineData(ConsumerGroupState.PreparingRebalance)]
    [InlineData(ConsumerGroupState.CompletingRebalance)]
    [InlineData(ConsumerGroupState.Unknown)]
    public async Task Of_a_group_that_rebalances_or_does_not_tell_nothing_is_said(ConsumerGroupState state)
    {
        Group(state);
        _health.Runs(_function, 0);
        await Pass(TimeSpan.FromMinutes(2));
        await Asked();

        Assert.Equal((HealthStatus.Healthy, null, 0), await Now());
    }

    [Fact]
    public async Task Of_brokers_that_do_not_answer_nothing_is_said()
    {
        _admin.DescribeConsumerGroupsAsync(null, null).ReturnsForAnyArgs<DescribeConsumerGroupsResult>(_ => throw new KafkaException(ErrorCode.Local_TimedOut));
        _health.Runs(_function, 0);
        await Pass(TimeSpan.FromMinutes(2));
        await Asked();

        Assert.Equal((HealthStatus.Healthy, null, 0), await Now());
    }

    [Fact]
    public async Task A_consumer_that_cannot_run_is_named_at_once_until_it_does()
    {
        _health.Failed(_function);
        Assert.Equal((HealthStatus.Degraded, "Reader cannot run; the log says why.", 1), await Now());
        Assert.Contains("Reader", await _log.Next(LogLevel.Warning), StringComparison.Ordinal);

        _health.Runs(_function, 3);
        Assert.Equal((HealthStatus.Healthy, null, 0), await Now());
    }

    private void Owns(params int[] partitions) => Group(ConsumerGroupState.Stable, new MemberDescription
    {
        Assignment = new MemberAssignment { TopicPartitions = [.. partitions.Select(partition => new TopicPartition("read", partition)), new("another", 1)] },
    });

    private void Group(ConsumerGroupState state, params MemberDescription[] members) => _admin.DescribeConsumerGroupsAsync(null, null).ReturnsForAnyArgs(
        new DescribeConsumerGroupsResult { ConsumerGroupDescriptions = [new ConsumerGroupDescription { GroupId = "staging-readers", State = state, Members = [.. members] }] });

    // Each look ends before the next begins.
    private async Task Pass(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(5))
        {
            await _clock.TimerDueWithin(TimeSpan.FromSeconds(5));
            _clock.Advance(TimeSpan.FromSeconds(5));
        }
    }

    private async Task Asked()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!_admin.ReceivedCalls().Any(call => call.GetMethodInfo().Name == nameof(IAdminClient.DescribeConsumerGroupsAsync)))
        {
            await looks.WaitForNextTickAsync(patience.Token);
        }
    }

    private async Task<(HealthStatus Status, string? Reason, int Stalled)> Now()
    {
        var result = await _health.CheckHealthAsync(new HealthCheckContext());
        _listener.RecordObservableInstruments();
        return (result.Status, result.Description, _stalled);
    }

    public static class Reader
    {
        [Function("Reader")]
        public static void Run([KafkaTrigger("%Brokers%", "read", ConsumerGroup = "staging-readers")] KafkaRecord record) => Assert.NotNull(record);
    }
}
