using System.Diagnostics;
using System.Diagnostics.Metrics;
using TodoFlow.Domain.Diagnostics;

namespace TodoFlow.Messaging.Events;

/// <summary>What is measured of events on their way, the same for both transports.</summary>
public sealed class EventMetrics
{
    private readonly Counter<long> _sent;
    private readonly Counter<long> _parked;
    private readonly Histogram<double> _delay;

    /// <summary>Makes the instruments. Names follow OpenTelemetry's conventions for messaging where it has one.</summary>
    public EventMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Telemetry.Name);
        _sent = meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Events and dead letters that the relay published, or failed to.");
        _parked = meter.CreateCounter<long>("todoflow.dead_letters.parked", "{record}", "Records that were parked since they cannot be handled.");
        _delay = meter.CreateHistogram(
            "todoflow.event.delay",
            "s",
            "From an event to the end of its handling.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600] });
    }

    /// <summary>Counts events that were published to a topic, or failed to be.</summary>
    public void Sent(string topic, long count, bool succeeded = true)
    {
        var tags = new TagList { { "messaging.destination.name", topic } };
        if (!succeeded)
        {
            tags.Add("error.type", "unconfirmed");
        }

        _sent.Add(count, tags);
    }

    /// <summary>Counts a dead letter.</summary>
    public void Parked(string group, string topic) => _parked.Add(1, Tags(group, topic));

    /// <summary>Measures how late an event was handled.</summary>
    public void Handled(string group, string topic, TimeSpan after) => _delay.Record(Math.Max(0, after.TotalSeconds), Tags(group, topic));

    private static TagList Tags(string group, string topic) => new()
    {
        { "messaging.consumer.group.name", group },
        { "messaging.destination.name", topic },
    };
}
