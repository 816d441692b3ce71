using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Health;

namespace TodoFlow.Functions.Health;

/// <summary>GET /health/startup: whether this instance has started, which takes until the schema is migrated. It asks nobody once it has.</summary>
public sealed class GetHealthStartup(Readiness readiness)
{
    /// <summary>Answers 200 from when it was ready for the first time on, before that 503.</summary>
    [Function(nameof(GetHealthStartup))]
    [AllowAnonymous]
    [Returns<HealthResponse>(200)]
    [Returns<HealthResponse>(503)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/startup")] HttpRequest request, CancellationToken ct) =>
        HealthAnswer.From(await readiness.CheckStart(ct));
}
