using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Health;

namespace TodoFlow.Functions.Health;

/// <summary>GET /health/ready: whether this instance should get requests.</summary>
public sealed class GetHealthReady(Readiness readiness)
{
    /// <summary>Answers 200 where PostgreSQL answers and its schema is current, and Kafka was reached once where it is used; otherwise 503.</summary>
    [Function(nameof(GetHealthReady))]
    [AllowAnonymous]
    [Returns<HealthResponse>(200)]
    [Returns<HealthResponse>(503)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/ready")] HttpRequest request, CancellationToken ct) =>
        HealthAnswer.From(await readiness.Check(ct));
}
