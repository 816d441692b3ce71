using Microsoft.AspNetCore.Http;
using TodoFlow.Functions.Http;
using TodoFlow.Health;
using TodoFlow.Json;

namespace TodoFlow.Functions.Health;

/// <summary>Health as an answer: 200 or 503.</summary>
internal static class HealthAnswer
{
    public static IResult From(HealthResponse health) => new Answer<HealthResponse>(health, TodoFlowJson.Wire.HealthResponse)
    {
        Status = health.IsHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
    };
}
