using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Host.Invocation;
using TodoFlow.Messaging.Kafka;

namespace TodoFlow.Host.Kafka;

/// <summary>
/// Whether the consumers of this instance read what they should. One may fail to run, because the library refuses its settings; or it has
/// been without a partition for a minute although some partition of its topic has no owner in the group, because whoever leads the
/// group may not see the topic. Health, a warning and a metric name it. A consumer without a partition where others own them all is a reserve.
/// </summary>
internal sealed partial class ConsumerHealth : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestIdle = TimeSpan.FromMinutes(1);

    private readonly IAdminClient _admin;
    private readonly string? _brokers;
    private readonly TimeProvider _clock;
    private readonly ILogger<ConsumerHealth> _logger;
    private readonly ConcurrentDictionary<HostedFunction, State> _consumers = new();

    public ConsumerHealth(IAdminClient admin, IOptions<KafkaSettings> kafka, IMeterFactory meters, TimeProvider clock, ILogger<ConsumerHealth> logger)
    {
        _admin = admin;
        _brokers = kafka.Value.Brokers;
        _clock = clock;
        _logger = logger;
        meters.Create(Telemetry.Name).CreateObservableGauge(
            "todoflow.consumer.stalled", Observe, "{consumer}", "1 where a consumer cannot run, or partitions of its topic have no owner in its group; otherwise 0.");
    }

    /// <summary>A consumer polls.</summary>
    /// <param name="function">Whose consumer.</param>
    /// <param name="partitions">How many partitions it has.</param>
    public void Runs(HostedFunction function, int partitions)
    {
        var before = _consumers.GetValueOrDefault(function);
        var idle = partitions == 0;
        if (before is null || idle != before.IdleSince.HasValue || (!idle && before.Fault is not null))
        {
            Set(function, new State(idle ? _clock.GetUtcNow() : null, null));
        }
    }

    /// <summary>A consumer has ended by an error. It is begun anew, and may fail again.</summary>
    public void Failed(HostedFunction function) => Set(function, new State(null, $"{function.Name} cannot run; the log says why."));

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var faults = _consumers.Values.Select(state => state.Fault).OfType<string>().Order(StringComparer.Ordinal).ToList();
        return Task.FromResult(faults.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join(" ", faults)));
    }

    /// <summary>Looks who owns the partitions of consumers that have none.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var (function, state) in _consumers)
                {
                    if (state.IdleSince <= _clock.GetUtcNow() - LongestIdle)
                    {
                        await Look(function, state, stoppingToken);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task Look(HostedFunction function, State state, CancellationToken ct)
    {
        var trigger = (KafkaTrigger)function.Trigger;
        if (trigger.Broker?.BrokerList != _brokers || await Unowned(trigger, ct) is not { } unowned)
        {
            return;
        }

        var fault = unowned.Count == 0 ? null
            : $"{function.Name} has no partition of {trigger.Topic}, and in the group {trigger.ConsumerGroup} nobody reads {string.Join(", ", unowned)} of it.";

        // Unless it has got a partition in the meantime.
        if (_consumers.TryUpdate(function, state with { Fault = fault }, state))
        {
            Tell(function, state.Fault, fault);
        }
    }

    /// <returns>The partitions of the topic that no member of the group owns; null where that cannot be known now.</returns>
    private async Task<List<int>?> Unowned(KafkaTrigger trigger, CancellationToken ct)
    {
        try
        {
            // The call blocks, also where the brokers are down.
            var known = await Task.Run(() => _admin.GetMetadata(Patience), ct).WaitAsync(ct);
            var topic = known.Topics.SingleOrDefault(topic => topic.Topic == trigger.Topic && !topic.Error.IsError);
            var described = await _admin.DescribeConsumerGroupsAsync([trigger.ConsumerGroup], new DescribeConsumerGroupsOptions { RequestTimeout = Patience }).WaitAsync(ct);
            var group = described.ConsumerGroupDescriptions.Single();
            if (topic is null || group.State is not (ConsumerGroupState.Stable or ConsumerGroupState.Empty or ConsumerGroupState.Dead))
            {
                return null; // a topic that is missing is told of as such, and a rebalance ends
            }

            var owned = group.Members.SelectMany(member => member.Assignment.TopicPartitions)
                .Where(partition => partition.Topic == trigger.Topic).Select(partition => partition.Partition.Value);
            return [.. topic.Partitions.Select(partition => partition.PartitionId).Except(owned).Order()];
        }
        catch (KafkaException error)
        {
            LogUnknown(trigger.ConsumerGroup, error.Error.Code, error.Error.Reason);
            return null;
        }
    }

    private void Set(HostedFunction function, State state)
    {
        var before = _consumers.GetValueOrDefault(function);
        _consumers[function] = state;
        Tell(function, before?.Fault, state.Fault);
    }

    private void Tell(HostedFunction function, string? before, string? now)
    {
        if (before == now)
        {
            return;
        }

        if (now is not null)
        {
            LogStalled(now);
        }
        else
        {
            LogReads(function.Name);
        }
    }

    private IEnumerable<Measurement<int>> Observe() => _consumers.Select(consumer => new Measurement<int>(
        consumer.Value.Fault is null ? 0 : 1,
        new KeyValuePair<string, object?>("messaging.consumer.group.name", ((KafkaTrigger)consumer.Key.Trigger).ConsumerGroup),
        new KeyValuePair<string, object?>("messaging.destination.name", ((KafkaTrigger)consumer.Key.Trigger).Topic)));

    // Without partitions since; what is wrong with it.
    private sealed record State(DateTimeOffset? IdleSince, string? Fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Fault}")]
    private partial void LogStalled(string fault);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Function} reads again")]
    private partial void LogReads(string function);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Who owns the partitions of the group {Group} is not known: {Code}, {Reason}")]
    private partial void LogUnknown(string group, ErrorCode code, string reason);
}
