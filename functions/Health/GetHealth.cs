using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Health;

namespace TodoFlow.Functions.Health;

/// <summary>GET /health: how each part is.</summary>
public sealed class GetHealth(Readiness readiness)
{
    /// <summary>Answers 200 where requests are served, also where a part is degraded, otherwise 503; and says which part is not well, and why.</summary>
    [Function(nameof(GetHealth))]
    [AllowAnonymous]
    [Returns<HealthResponse>(200)]
    [Returns<HealthResponse>(503)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health")] HttpRequest request, CancellationToken ct) =>
        HealthAnswer.From(await readiness.Check(ct));
}
