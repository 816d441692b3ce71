using Microsoft.EntityFrameworkCore;
using Npgsql;
using TodoFlow.Messaging.DueWork;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>The contexts of background work: pooled with all others, over connections of its own.</summary>
/// <remarks>A second pool of contexts would be a second set of Entity Framework's services, which a start would wait for.</remarks>
internal sealed class BackgroundContexts(IDbContextFactory<TodoFlowDb> contexts, [Background] NpgsqlDataSource database) : IDbContextFactory<TodoFlowDb>
{
    /// <inheritdoc/>
    public TodoFlowDb CreateDbContext()
    {
        var context = contexts.CreateDbContext();
        context.Database.SetDbConnection(database.CreateConnection(), contextOwnsConnection: true); // it goes when the context does
        return context;
    }
}
