using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace TodoFlow.Infrastructure.Observability;

/// <summary>
/// OpenTelemetry's scraping endpoint as a result of a function. A pipeline of its own runs it, since that of the Azure host's worker is fixed.
/// </summary>
public sealed class MetricsScrape(IServiceProvider services) : IResult
{
    private readonly Lazy<RequestDelegate> _endpoint = new(() => Build(services));

    /// <summary>Collects the metrics and writes them in the format that the request accepts: Prometheus' text format or OpenMetrics.</summary>
    /// <exception cref="InvalidOperationException">The settings <c>Metrics</c> serve them to nobody.</exception>
    public Task ExecuteAsync(HttpContext httpContext) => _endpoint.Value(httpContext);

    private static RequestDelegate Build(IServiceProvider services)
    {
        var pipeline = new ApplicationBuilder(services);
        pipeline.UseOpenTelemetryPrometheusScrapingEndpoint(static _ => true);
        return pipeline.Build();
    }
}
