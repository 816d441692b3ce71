using System.Diagnostics.Metrics;
using TodoFlow.Domain.Diagnostics;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>What is measured of notifications.</summary>
public sealed class NotificationMetrics
{
    private readonly Counter<long> _reminders;
    private readonly Counter<long> _deliveries;

    /// <summary>Makes the instruments.</summary>
    public NotificationMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Telemetry.Name);
        _reminders = meter.CreateCounter<long>("todoflow.reminders.notified", "{reminder}", "Due reminders that became a notification, or had no channel to do so.");
        _deliveries = meter.CreateCounter<long>("todoflow.deliveries", "{try}", "Tries to deliver, by channel and outcome.");
    }

    /// <summary>Counts due reminders.</summary>
    public void AddReminders(int count, bool reachable) =>
        _reminders.Add(count, new KeyValuePair<string, object?>("todoflow.outcome", reachable ? "notified" : "no_channel"));

    /// <summary>Counts what came of tries.</summary>
    public void AddDelivery(string channel, string outcome, int count = 1) => _deliveries.Add(
        count, new KeyValuePair<string, object?>("todoflow.channel", channel), new KeyValuePair<string, object?>("todoflow.outcome", outcome));
}
