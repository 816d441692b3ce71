using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Problems;

namespace TodoFlow.Functions.Middleware;

/// <summary>A user's turns to search, whichever way they ask: by a request, or by a tool of the assistant.</summary>
public sealed class SearchTurns : IDisposable
{
    private readonly RecentUsers _recent;
    private readonly PartitionedRateLimiter<Guid> _each;
    private readonly PartitionedRateLimiter<Guid> _alone;

    /// <summary>Takes the limits from the settings.</summary>
    public SearchTurns(IOptions<ConcurrencySettings> settings, RecentUsers recent)
    {
        _recent = recent;
        _each = ConcurrencyMiddleware.Each<Guid>(settings.Value.SearchesPerUser, settings.Value.QueuedPerUser);
        _alone = ConcurrencyMiddleware.Each<Guid>(settings.Value.SearchesAlone, settings.Value.QueuedPerUser);
    }

    /// <summary>Waits for a user's turn.</summary>
    /// <param name="user">Who searches.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The turn, until it is disposed of.</returns>
    /// <exception cref="ProblemException">429: too many of the user's searches wait already.</exception>
    public async ValueTask<RateLimitLease> Wait(Guid user, CancellationToken ct) =>
        ConcurrencyMiddleware.Mine(await (_recent.IsAlone(user) ? _alone : _each).AcquireAsync(user, 1, ct));

    /// <inheritdoc/>
    public void Dispose()
    {
        _each.Dispose();
        _alone.Dispose();
    }
}
