using Microsoft.Azure.Functions.Worker;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Functions.Reminders;

/// <summary>
/// Fires the reminders that are due, and keeps the queue awake until the next tick: in between it sleeps to the next reminder's
/// instant. Safe on every instance at once: each locks what it fires.
/// </summary>
public sealed class FireReminders(ReminderQueue queue)
{
    private static readonly TimeSpan UntilNext = TimeSpan.FromSeconds(2); // the schedule's one, and something to spare

    /// <summary>Returns when what was due has fired.</summary>
    [Function(nameof(FireReminders))]
    public Task Run([TimerTrigger("* * * * * *", UseMonitor = false, RunOnStartup = true)] TimerInfo timer, CancellationToken ct) =>
        queue.Sweep(UntilNext, ct);
}
