using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.DueWork;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Infrastructure.Reminders;

/// <summary>
/// Fires reminders at their instants: never before, as the clock of this process has it, and each once, since what it claims it
/// locks, and the event is written in the transaction of the claim. Any number of processes share the work.
/// </summary>
public sealed class ReminderQueue(
    [Background] NpgsqlDataSource database, UnitOfWorkFactory units, OutboxRelay relay, AsynchronousCommit commit, IOptions<ReminderSettings> settings, ReminderMetrics metrics, TimeProvider clock, ILogger<ReminderQueue> log)
    : DueQueue(clock, log)
{
    // Small enough that the first of many is on its way soon, large enough that its round trips do not count.
    private const int Batch = 500;

    // What is due, but locked by another process or by a change of its task, is theirs, or comes free at any moment.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    // No event waits longer than this for the rest of a rush.
    private static readonly TimeSpan LongestRush = TimeSpan.FromSeconds(1);

    // What falls due later is found by a sweep in time, on every process.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);

    /// <summary>Says that a reminder waits for an instant, once that is committed. Returns at once.</summary>
    public void Planned(DateTimeOffset dueAt)
    {
        if (dueAt - Clock.GetUtcNow() < Soon)
        {
            Kick();
        }
    }

    /// <inheritdoc/>
    protected override async Task<DateTimeOffset?> DoWhatIsDue(CancellationToken ct)
    {
        while (true)
        {
            if (await FireAll(ct) > 0)
            {
                continue; // more fell due meanwhile, as likely as not
            }

            var next = await NextDue(ct);
            return next <= Clock.GetUtcNow() ? Clock.GetUtcNow() + LookAgain : next;
        }
    }

    // Many at one instant keep two claims busy: one reads and writes while the other is committed. Their events are published when all
    // have fired, or the relay and its consumers would take the processor from the reminders that are still due.
    private async Task<int> FireAll(CancellationToken ct)
    {
        var claimed = await Fire(ct);
        try
        {
            if (claimed == Batch)
            {
                claimed += (await Task.WhenAll(FireRest(ct), FireRest(ct))).Sum();
            }
        }
        finally
        {
            if (claimed > 0)
            {
                relay.Kick();
            }
        }

        return claimed;
    }

    private async Task<int> FireRest(CancellationToken ct)
    {
        var started = Clock.GetTimestamp();
        var all = 0;
        while (true)
        {
            var claimed = await Fire(ct);
            all += claimed;
            if (claimed < Batch)
            {
                return all;
            }

            if (Clock.GetElapsedTime(started) > LongestRush)
            {
                relay.Kick();
                started = Clock.GetTimestamp();
            }
        }
    }

    private async Task<DateTimeOffset?> NextDue(CancellationToken ct)
    {
        await using var command = database.CreateCommand("select due_at from reminder where due_at is not null order by due_at limit 1");
        await using var rows = await command.ExecuteReaderAsync(ct);
        return await rows.ReadAsync(ct) ? rows.GetFieldValue<DateTimeOffset>(0) : null;
    }

    // One transaction: whatever crashes, a reminder has fired and its event is in the outbox, or it is still due.
    private async Task<int> Fire(CancellationToken ct)
    {
        await using var work = await units.Begin(ct);
        var firing = new ReminderFiring(work, settings.Value, commit, Clock);
        var claimed = await firing.Claim(Batch, ct);
        if (claimed.Count > 0)
        {
            await firing.SettleAndCommit(claimed, ct);
            metrics.Settled(claimed);
        }

        return claimed.Count;
    }
}
