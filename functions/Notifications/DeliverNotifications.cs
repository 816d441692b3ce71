using Microsoft.Azure.Functions.Worker;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Notifications.Email;

namespace TodoFlow.Functions.Notifications;

/// <summary>
/// Sweeps the deliveries: finds retries, what quiet hours deferred and what a crash left behind, and keeps the queues awake until
/// the next sweep. New deliveries do not wait for it. So it does with the mails about accounts, where mail is sent. Safe on every instance at once: each delivery is leased.
/// </summary>
public sealed class DeliverNotifications(DeliveryQueues deliveries, AccountMailQueue? mails = null)
{
    private static readonly TimeSpan UntilNext = TimeSpan.FromSeconds(3); // the schedule's one, and something to spare

    /// <summary>Returns when what was due is on its way, or tried.</summary>
    [Function(nameof(DeliverNotifications))]
    public Task Run([TimerTrigger("* * * * * *", UseMonitor = false, RunOnStartup = true)] TimerInfo timer, CancellationToken ct) =>
        Task.WhenAll(deliveries.Sweep(UntilNext, ct), mails?.Sweep(UntilNext, ct) ?? Task.CompletedTask);
}
