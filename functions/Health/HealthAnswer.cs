using Microsoft.AspNetCore.Http;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Health;

namespace TodoFlow.Functions.Health;

/// <summary>Health as an answer: 200 where requests can be served, otherwise 503.</summary>
internal static class HealthAnswer
{
    public static IResult From(HealthResponse health) => new Answer<HealthResponse>(health, TodoFlowJson.Wire.HealthResponse)
    {
        Status = health.CanServe ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
    };
}
