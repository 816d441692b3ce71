namespace TodoFlow.Infrastructure.Observability;

/// <summary>Something that is measured by asking for it, elsewhere and not for nothing: gauges show the answer.</summary>
public interface IPolledMetric
{
    /// <summary>Asks, unless the last answer is fresh. What cannot be asked has no value; it does not fail.</summary>
    Task Refresh(CancellationToken ct);
}

/// <summary>What <c>GET /metrics</c> answers.</summary>
public sealed class MetricsPage(MetricCollector collector, IEnumerable<IPolledMetric> polled, TimeProvider clock)
{
    /// <summary>The media type of Prometheus' text format.</summary>
    public const string ContentType = PrometheusText.ContentType;

    // Prometheus waits ten seconds; a database that does not answer must not cost the rest.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Writes every metric.</summary>
    public async Task<string> Write(CancellationToken ct)
    {
        await Refresh(ct);
        return collector.Collect();
    }

    /// <summary>Asks for what is measured elsewhere.</summary>
    public async Task Refresh(CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            await Task.WhenAll(polled.Select(metric => metric.Refresh(either.Token)));
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            // What did not answer has no value.
        }
    }
}
