using Microsoft.Extensions.Options;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Retention;

namespace TodoFlow.Infrastructure.Tasks;

/// <summary>Deletes for good the tasks whose time in the trash is over, each with its event.</summary>
public sealed class TrashPruning(UnitOfWorkFactory units, IOptions<TrashSettings> settings, TimeProvider clock) : IPruned
{
    /// <inheritdoc/>
    public async Task<long> Prune(CancellationToken ct)
    {
        var (all, more) = (0L, true);
        while (more)
        {
            await using var work = await units.Begin(ct);
            var now = clock.GetUtcNow();
            (var purged, more) = await TaskTrash.PurgeOld(work, now - settings.Value.Keep, now, ct);
            await work.Commit(ct);
            all += purged;
        }

        return all;
    }
}
