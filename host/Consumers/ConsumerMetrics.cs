using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Host.Invocation;

namespace TodoFlow.Host.Consumers;

/// <summary>What consumers measure, the same for both transports. Names follow OpenTelemetry's conventions for messaging where it has one.</summary>
internal sealed class ConsumerMetrics
{
    private readonly ConcurrentDictionary<(string Group, string Topic, int Partition), long> _lags = new();
    private readonly Counter<long> _consumed;
    private readonly Histogram<double> _duration;

    public ConsumerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Telemetry.Name);
        _consumed = meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Records handed to functions, redeliveries included.");
        _duration = meter.CreateHistogram(
            "messaging.process.duration",
            "s",
            "How long a function took for its records, retries included.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600] });
        meter.CreateObservableGauge("todoflow.consumer.lag", ObserveLags, "{record}", "Records of a partition that the group has yet to deal with.");
    }

    /// <summary>Counts records that a function was run for.</summary>
    public void Add(KafkaTrigger trigger, int records, TimeSpan duration, bool succeeded)
    {
        var tags = new TagList
        {
            { "messaging.consumer.group.name", trigger.ConsumerGroup },
            { "messaging.destination.name", trigger.Topic },
        };
        _consumed.Add(records, tags);
        tags.Add("todoflow.succeeded", succeeded);
        _duration.Record(duration.TotalSeconds, tags);
    }

    /// <summary>Says how many records of a partition are left to the group.</summary>
    public void SetLag(KafkaTrigger trigger, int partition, long records) => _lags[(trigger.ConsumerGroup, trigger.Topic, partition)] = records;

    /// <summary>Another host knows the partition's lag from now on.</summary>
    public void ForgetLag(KafkaTrigger trigger, int partition) => _lags.TryRemove((trigger.ConsumerGroup, trigger.Topic, partition), out _);

    private IEnumerable<Measurement<long>> ObserveLags() => _lags.Select(lag => new Measurement<long>(
        lag.Value,
        new KeyValuePair<string, object?>("messaging.consumer.group.name", lag.Key.Group),
        new KeyValuePair<string, object?>("messaging.destination.name", lag.Key.Topic),
        new KeyValuePair<string, object?>("messaging.destination.partition.id", lag.Key.Partition)));
}
