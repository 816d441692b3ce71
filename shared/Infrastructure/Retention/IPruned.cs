namespace TodoFlow.Infrastructure.Retention;

/// <summary>Something that is kept for a time.</summary>
public interface IPruned
{
    /// <summary>Deletes what is older than its settings say, in batches that hold no lock for long. Safe on every instance at once.</summary>
    /// <returns>How many rows.</returns>
    Task<long> Prune(CancellationToken ct);
}
