using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Logging;
using TodoFlow.DueWork;

namespace TodoFlow.Events;

/// <summary>Moves events from the outbox to where consumers read them: in the order of their keys, at least once.</summary>
public abstract class OutboxRelay(TimeProvider clock, ILogger log) : DueQueue(clock, log)
{
    /// <summary>The first key of the relays' advisory locks. They belong to transactions, so neither a crash nor a pooler leaves one held.</summary>
    protected const int LockSpace = 0x6F7574; // ours to choose; must never change
}

/// <summary>Kicks the relay when a transaction that announced events is committed, never before.</summary>
public sealed class OutboxKick(OutboxRelay relay) : SaveChangesInterceptor, IDbTransactionInterceptor
{
    /// <inheritdoc/>
    public override ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { Database.CurrentTransaction: null } db && Announced(db))
        {
            relay.Kick();
        }

        return ValueTask.FromResult(result);
    }

    /// <inheritdoc/>
    public Task TransactionCommittedAsync(
        System.Data.Common.DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        // A save's own transaction comes here too, while its rows still count as unsaved: SavedChangesAsync follows.
        if (eventData.Context is { } db && Announced(db))
        {
            relay.Kick();
        }

        return Task.CompletedTask;
    }

    private static bool Announced(DbContext db) => db.ChangeTracker.Entries<OutboxEvent>().Any(row => row.State == EntityState.Unchanged);
}
