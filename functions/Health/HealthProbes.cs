using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Health;

namespace TodoFlow.Functions.Health;

/// <summary>GET /health: how each part is.</summary>
public sealed class GetHealth(Readiness readiness)
{
    /// <summary>Returns 200 where requests are served, also where a part is degraded, otherwise 503; and says which part is not well, and why.</summary>
    [Function(nameof(GetHealth))]
    [AllowAnonymous]
    [Returns<HealthResponse>(200)]
    [Returns<HealthResponse>(503)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "health")] HttpRequest request, CancellationToken ct) =>
        HealthResult.From(await readiness.Check(ct));
}

/// <summary>GET /health/live: whether this process should be kept. It asks nobody else: their faults are not cured by a restart.</summary>
public sealed class GetHealthLive
{
    /// <summary>Returns 200.</summary>
    [Function(nameof(GetHealthLive))]
    [AllowAnonymous]
    [Returns<HealthResponse>(200)]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "health/live")] HttpRequest request) =>
        HealthResult.From(HealthResponse.Live);
}

/// <summary>GET /health/ready: whether this instance should get requests.</summary>
public sealed class GetHealthReady(Readiness readiness)
{
    /// <summary>Returns 200 where PostgreSQL answers and its schema is current, and Kafka was reached once where it is used; otherwise 503.</summary>
    [Function(nameof(GetHealthReady))]
    [AllowAnonymous]
    [Returns<HealthResponse>(200)]
    [Returns<HealthResponse>(503)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "health/ready")] HttpRequest request, CancellationToken ct) =>
        HealthResult.From(await readiness.Check(ct));
}

/// <summary>GET /health/startup: whether this instance has started, which takes until the schema is migrated. It asks nobody once it has.</summary>
public sealed class GetHealthStartup(Readiness readiness)
{
    /// <summary>Returns 200 from when it was ready for the first time on, before that 503.</summary>
    [Function(nameof(GetHealthStartup))]
    [AllowAnonymous]
    [Returns<HealthResponse>(200)]
    [Returns<HealthResponse>(503)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "health/startup")] HttpRequest request, CancellationToken ct) =>
        HealthResult.From(await readiness.CheckStart(ct));
}

/// <summary>Health as a response: 200 where requests can be served, otherwise 503.</summary>
internal static class HealthResult
{
    public static IResult From(HealthResponse health) =>
        TypedResults.Json(health, statusCode: health.CanServe ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
}
