using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Quotas;

/// <summary>What one change of stored tasks adds to what their user has, or takes away from it, however often it is made again.</summary>
internal sealed class QuotaGrowth(UserQuotas quotas, UnitOfWork work, Guid user) : IDisposable
{
    private QuotaReservation? _reserved;
    private Usage _removed;

    /// <summary>Says what it is, in place of what was said before.</summary>
    /// <exception cref="Domain.Problems.ProblemException">403: a quota does not allow more.</exception>
    public async Task By(Usage growth, CancellationToken ct)
    {
        _reserved?.Dispose();
        var grows = growth.Bytes > 0 || growth.Tasks > 0;
        _reserved = grows ? await quotas.Reserve(work, user, growth, ct) : null;
        _removed = grows ? default : growth;
    }

    /// <summary>It is stored.</summary>
    public void Keep()
    {
        _reserved?.Keep(work);
        quotas.Added(work, user, _removed);
    }

    /// <inheritdoc/>
    public void Dispose() => _reserved?.Dispose();
}
