using System.Diagnostics.Metrics;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Domain.Reminders;

namespace TodoFlow.Infrastructure.Reminders;

/// <summary>What is measured of reminders.</summary>
public sealed class ReminderMetrics
{
    private readonly Counter<long> _fired;
    private readonly Histogram<double> _lateness;

    /// <summary>Makes the instruments.</summary>
    public ReminderMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Telemetry.Name);
        _fired = meter.CreateCounter<long>("todoflow.reminders.fired", "{reminder}", "Reminders that fired, those that were late included.");
        _lateness = meter.CreateHistogram(
            "todoflow.reminder.lateness",
            "s",
            "From a reminder's instant to its firing.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.001, 0.002, 0.003, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600],
            });
    }

    /// <summary>Measures those reminders that fired; others were moved or cancelled.</summary>
    public void Settled(IEnumerable<Reminder> claimed)
    {
        foreach (var reminder in claimed)
        {
            if (reminder is { DueAt: null, FiredAt: { } firedAt, Status: not ReminderStatus.Cancelled })
            {
                _fired.Add(1, new KeyValuePair<string, object?>("todoflow.late", reminder.Late));
                _lateness.Record((firedAt - reminder.RemindAt).TotalSeconds);
            }
        }
    }
}
