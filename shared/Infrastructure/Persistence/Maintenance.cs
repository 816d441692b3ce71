using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Messaging.DueWork;

namespace TodoFlow.Infrastructure.Persistence;

/// <summary>Lets a timer do with services of requests what no request does, over connections of background work and with time enough.</summary>
public sealed class Maintenance(UnitOfWork work, [Background] NpgsqlDataSource database, IOptions<DatabaseSettings> limits, TimeProvider clock)
{
    /// <summary>Begins: from here on the unit of work of this scope has other connections, and <see cref="DatabaseSettings.MaintenanceTimeout"/>.</summary>
    /// <returns>The time of the beginning, UTC.</returns>
    public DateTimeOffset Begin()
    {
        work.Use(database, limits.Value.MaintenanceTimeout);
        return clock.GetUtcNow();
    }
}
