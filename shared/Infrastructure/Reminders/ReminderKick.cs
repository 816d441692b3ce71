using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using TodoFlow.Reminders;

namespace TodoFlow.Infrastructure.Reminders;

/// <summary>Tells the queue of reminders that fall due soon when the transaction that planned them is committed, never before.</summary>
public sealed class ReminderKick(ReminderQueue queue) : SaveChangesInterceptor, IDbTransactionInterceptor
{
    /// <inheritdoc/>
    public override ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { Database.CurrentTransaction: null } db)
        {
            Tell(db);
        }

        return ValueTask.FromResult(result);
    }

    /// <inheritdoc/>
    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        // A save's own transaction comes here too, while its rows still count as unsaved: SavedChangesAsync follows.
        if (eventData.Context is { } db)
        {
            Tell(db);
        }

        return Task.CompletedTask;
    }

    private void Tell(DbContext db)
    {
        var planned = db.ChangeTracker.Entries<Reminder>().Where(row => row.State == EntityState.Unchanged).Min(row => row.Entity.DueAt);
        if (planned is { } first)
        {
            queue.Planned(first);
        }
    }
}
