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
    /// <summary>
    /// Returns 204, also for a token that is unknown or revoked already. Its access token and its realtime connections end with it. With
    /// <c>X-TodoFlow-Session</c> the token is the cookie's, which is deleted, and no body is read.
    /// </summary>
    [Function(nameof(LogOut))]
    [AllowAnonymous]
    [EnableRateLimiting(RateLimitMiddleware.SignIns)]
    [Body(typeof(RefreshRequest), IsOptional = true)]
    [Returns(204)]
    [RequestHeaders(SessionCookies.Header)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/auth/logout")] HttpRequest request, CancellationToken ct)
    {
        var inCookie = SessionCookies.IsAsked(request);
        if ((inCookie ? SessionCookies.Find(request) : (await request.ReadValid<RefreshRequest>(ct)).RefreshToken) is { } token)
        {
            await sessions.End(token, ct);
        }

        return inCookie ? SessionCookies.Forget(request) : TypedResults.NoContent();
    }
}
