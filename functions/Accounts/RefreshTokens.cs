using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>POST /api/auth/refresh: exchanges a refresh token for the next pair of tokens.</summary>
public sealed class RefreshTokens(LocalIssuer issuer, Sessions sessions, IdempotentRequests requests)
{
    /// <summary>
    /// Returns 200 with tokens. For some seconds the token gets the same successor again, since tabs that share it may exchange it at once.
    /// After that it gets 401 and ends its session, unless the request repeats the <c>Idempotency-Key</c> of the exchange: then its
    /// response was lost, and is sent again.
    /// </summary>
    [Function(nameof(RefreshTokens))]
    [AllowAnonymous]
    [EnableRateLimiting(RateLimitMiddleware.SignIns)]
    [Body(typeof(RefreshRequest))]
    [Returns<TokenResponse>(200)]
    [Problems(401, 404)]
    [RequestHeaders(IdempotentRequests.Header)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/auth/refresh")] HttpRequest request, CancellationToken ct)
    {
        issuer.RequireEnabled();
        var body = await request.ReadValid<RefreshRequest>(ct);
        return await requests.OnceSealed(request, body.RefreshToken, async () =>
            TypedResults.Ok(await sessions.Refresh(body.RefreshToken, request.Headers.UserAgent, ct)).NotStored(), ct);
    }
}

/// <summary>A refresh token.</summary>
public sealed record RefreshRequest
{
    /// <summary>The token as it was given out.</summary>
    [Required, TextLength(200, MinimumLength = 1)]
    public string RefreshToken { get; set; } = "";
}
