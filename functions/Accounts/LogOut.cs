using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>POST /api/auth/logout: ends the session of a refresh token; holding it is proof enough.</summary>
public sealed class LogOut(Sessions sessions)
{
    /// <summary>Returns 204, also for a token that is unknown or revoked already. Its access token and its realtime connections end with it.</summary>
    [Function(nameof(LogOut))]
    [AllowAnonymous]
    [EnableRateLimiting(RateLimitMiddleware.SignIns)]
    [Body(typeof(RefreshRequest))]
    [Returns(204)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/auth/logout")] HttpRequest request, CancellationToken ct)
    {
        var body = await request.ReadValid<RefreshRequest>(ct);
        await sessions.End(body.RefreshToken, ct);
        return TypedResults.NoContent();
    }
}
