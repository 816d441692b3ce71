using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Health;

namespace TodoFlow.Functions.Health;

/// <summary>GET /health/live: whether this process should be kept. It asks nobody else: their faults are not cured by a restart.</summary>
public sealed class GetHealthLive
{
    /// <summary>Answers 200.</summary>
    [Function(nameof(GetHealthLive))]
    [AllowAnonymous]
    [Returns<HealthResponse>(200)]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/live")] HttpRequest request) =>
        HealthAnswer.From(HealthResponse.Live);
}
