using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.Consumers;
using TodoFlow.Messaging.Events;
using TodoFlow.Messaging.Outbox;

namespace TodoFlow.Infrastructure.Consumers;

/// <summary>
/// Brings records to the effect of a consumer group, exactly once: the group's memory of an event is written in the transaction of
/// its handler. A batch is one transaction; where it fails, each record gets its own, so that one of them cannot hold up the others.
/// </summary>
public sealed partial class Inbox(
    UnitOfWorkFactory units, DatabaseFaults faults, DeadLetters deadLetters, AsynchronousCommit commit, EventMetrics metrics,
    TimeProvider clock, ILogger<Inbox> log)
{
    // A conflict with another transaction (a row that it made first) is gone at the second try. What fails a third time, alone and in
    // a fresh transaction, fails because of the record or of the code: waiting mends neither, and the partition must go on.
    private const int Tries = 3;

    /// <summary>Handles records, except those that were handled already, and parks those that never can be.</summary>
    /// <exception cref="Exception">The database cannot do its part now. Nothing of the batch that is not remembered was handled: deliver it again.</exception>
    public async Task Deliver(IEventHandler handler, IReadOnlyList<EventRecord> records, CancellationToken ct)
    {
        var batch = records.Select(Read).ToList();
        try
        {
            await Apply(handler, batch, ct);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            if (await IsOutage(error, ct))
            {
                throw;
            }

            if (batch.Count > 1)
            {
                LogSplit(handler.Group, batch.Count, error.GetType().Name);
            }

            foreach (var single in batch)
            {
                await DeliverAlone(handler, single, ct);
            }
        }
    }

    /// <summary>Delivers a dead letter again. It is marked in the transaction of its handler; a repeat does nothing.</summary>
    /// <returns>Null, or why it is still a dead letter.</returns>
    /// <exception cref="Exception">The database cannot do its part now.</exception>
    public async Task<string?> Replay(IEventHandler handler, DeadLetter letter, CancellationToken ct)
    {
        var single = Read(letter.ToRecord());
        if (single.Unreadable is { } unreadable)
        {
            return unreadable;
        }

        try
        {
            await Apply(handler, [single], ct, letter.Id);
            return null;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            if (await IsOutage(error, ct))
            {
                throw;
            }

            LogFailed(error, handler.Group, single.Event?.Id, single.Record.Topic, single.Record.Partition, single.Record.Offset);
            return Describe(error);
        }
    }

    private async Task DeliverAlone(IEventHandler handler, Delivery single, CancellationToken ct)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await Apply(handler, [single], ct);
                return;
            }
            catch (Exception error) when (single.Unreadable is null && error is not OperationCanceledException)
            {
                if (await IsOutage(error, ct))
                {
                    throw;
                }

                if (tries < Tries)
                {
                    continue;
                }

                LogFailed(error, handler.Group, single.Event?.Id, single.Record.Topic, single.Record.Partition, single.Record.Offset);
                single = single with { Unreadable = Describe(error) };
            }
        }
    }

    private async Task Apply(IEventHandler handler, List<Delivery> batch, CancellationToken ct, Guid? replayed = null)
    {
        var began = clock.GetUtcNow();
        var isNew = new HashSet<Guid>();
        var readable = batch.Where(single => single.Unreadable is null).Select(single => single.Event!).Where(handler.Handles).DistinctBy(read => read.Id).ToList();
        if (readable.Count == 0 && replayed is null && batch.TrueForAll(single => single.Unreadable is null))
        {
            return; // nothing to remember, and nothing to do
        }

        await using var work = await units.Begin(ct);
        if (readable.Count > 0)
        {
            isNew = await Remember(work, handler, readable, ct);
            var events = readable.Where(read => isNew.Contains(read.Id)).ToList();
            if (events.Count > 0)
            {
                await handler.Handle(work, events, ct);
            }
        }

        foreach (var single in batch.Where(single => single.Unreadable is not null))
        {
            await deadLetters.Park(work, handler.Group, single.Record, single.Event, single.Unreadable!, ct);
        }

        if (replayed is { } letter)
        {
            deadLetters.MarkReplayed(work, letter);
        }

        await work.Commit(ct);
        Measure(handler.Group, batch, isNew, began);
    }

    private void Measure(string group, List<Delivery> batch, HashSet<Guid> isNew, DateTimeOffset began)
    {
        var now = clock.GetUtcNow();
        foreach (var (record, read, unreadable) in batch)
        {
            if (unreadable is not null)
            {
                metrics.Parked(group, record.Topic);
            }
            else if (isNew.Remove(read!.Id)) // a repeat in the batch is none the second time
            {
                metrics.Handled(group, record.Topic, now - read.Time);
                EventTelemetry.Processed(group, record, read, began);
            }
        }
    }

    // A repeat that overtakes waits here until the first has committed, and then finds the event remembered.
    private async Task<HashSet<Guid>> Remember(UnitOfWork work, IEventHandler handler, List<Event> events, CancellationToken ct)
    {
        var ids = events.Select(read => read.Id).Order().ToArray(); // in one order everywhere: two batches never wait for each other
        var now = clock.GetUtcNow();
        return [.. await work.Db.Database.SqlQuery<Guid>(
            $"""
            insert into inbox (event_id, group_name, consumed_at)
            select id, {handler.Group}, {now} from unnest({ids}) as id, set_config('synchronous_commit', {(handler.ReachesPeople ? "on" : commit.WithTheEvents)}, true)
            on conflict do nothing returning event_id as "Value"
            """).ToListAsync(ct)];
    }

    private static Delivery Read(EventRecord record) =>
        Event.TryRead(record.Value, out var read, out var reason) ? new(record, read, null) : new(record, null, reason);

    // Of everything that can go wrong, what waiting mends. The rest lies in the record or in the code.
    private async Task<bool> IsOutage(Exception error, CancellationToken ct) => await faults.Of(error, ct) == DatabaseFault.Outage;

    private static string Describe(Exception error)
    {
        var inner = error is DbUpdateException { InnerException: { } cause } ? cause : error;
        var text = $"{inner.GetType().Name}: {inner.Message}".Replace('\0', '\uFFFD');
        return text.Length <= 1000 ? text : text[..1000];
    }

    private sealed record Delivery(EventRecord Record, Event? Event, string? Unreadable);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Group}: a batch of {Count} failed with {Error}; each record is delivered alone")]
    private partial void LogSplit(string group, int count, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Group}: event {EventId} ({Topic}/{Partition}@{Offset}) cannot be handled")]
    private partial void LogFailed(Exception error, string group, Guid? eventId, string topic, int partition, long offset);
}
