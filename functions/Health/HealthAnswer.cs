using Microsoft.AspNetCore.Http;
using TodoFlow.Health;

namespace TodoFlow.Functions.Health;

/// <summary>Health as an answer: 200 where requests can be served, otherwise 503.</summary>
internal static class HealthAnswer
{
    public static IResult From(HealthResponse health) =>
        TypedResults.Json(health, statusCode: health.CanServe ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
}
