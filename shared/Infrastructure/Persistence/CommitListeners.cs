using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using TodoFlow.Messaging.DueWork;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>Is told of what units of work have committed, never before.</summary>
public interface ICommitListener
{
    /// <summary>A change was committed. Returns at once.</summary>
    /// <param name="shards">The shards of the outbox that its events are in; none where it raised none.</param>
    /// <param name="firstReminder">When the first of the reminders that it planned is due, UTC; null where it planned none.</param>
    void Committed(IReadOnlySet<short> shards, DateTimeOffset? firstReminder);
}

/// <summary>Whoever is told. They are found when the first change is committed: some of them make changes themselves.</summary>
public sealed class CommitListeners(IServiceProvider services)
{
    private readonly Lazy<ICommitListener[]> _all = new(() => [.. services.GetServices<ICommitListener>()]);

    /// <summary>Tells all of them.</summary>
    public void Tell(IReadOnlySet<short> shards, DateTimeOffset? firstReminder)
    {
        if (shards.Count > 0 || firstReminder is not null)
        {
            Array.ForEach(_all.Value, listener => listener.Committed(shards, firstReminder));
        }
    }
}

/// <summary>Makes units of work for consumers and queues, over the connections of background work; a request has its own.</summary>
public sealed class UnitOfWorkFactory(IDbContextFactory<TodoFlowDb> contexts, [Background] NpgsqlDataSource database, CommitListeners listeners)
{
    /// <summary>A unit of work whose transaction has begun. The caller commits and disposes of it.</summary>
    public async Task<UnitOfWork> Begin(CancellationToken ct)
    {
        var work = new UnitOfWork(contexts, database, listeners);
        await work.Begin(ct);
        return work;
    }
}
