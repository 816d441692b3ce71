using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Observability;

namespace TodoFlow.Functions.Observability;

/// <summary>GET /metrics: what this process measures, for Prometheus. It is served only as the settings <c>Metrics</c> say.</summary>
public sealed class GetMetrics(MetricsAccess access, MetricsScrape metrics)
{
    /// <summary>Returns 200 with Prometheus' text format 0.0.4.</summary>
    [Function(nameof(GetMetrics))]
    [AllowAnonymous] // no user's token opens it: MetricsAccess decides
    [Returns(200, ContentType = "text/plain")]
    [Problems(401, 404)]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "metrics")] HttpRequest request)
    {
        access.Require(request);
        return metrics;
    }
}
