using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>POST /api/auth/refresh: exchanges a refresh token for the next pair of tokens.</summary>
public sealed class RefreshTokens(LocalIssuer issuer, Sessions sessions, SessionCookies cookies, IdempotentRequests requests)
{
    /// <summary>
    /// Returns 200 with tokens. For some seconds the token gets the same successor again, since tabs that share it may exchange it at once.
    /// After that it gets 401 and ends its session, unless the request repeats the <c>Idempotency-Key</c> of the exchange: then its
    /// response was lost, and is sent again. With <c>X-TodoFlow-Session</c> the token is the cookie's, and no body is read.
    /// </summary>
    [Function(nameof(RefreshTokens))]
    [AllowAnonymous]
    [EnableRateLimiting(RateLimitMiddleware.SignIns)]
    [Body(typeof(RefreshRequest), IsOptional = true)]
    [Returns<TokenResponse>(200)]
    [Problems(401, 404)]
    [RequestHeaders(IdempotentRequests.Header, SessionCookies.Header)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/auth/refresh")] HttpRequest request, CancellationToken ct)
    {
        issuer.RequireEnabled();
        var inCookie = SessionCookies.IsAsked(request);
        var token = inCookie ? SessionCookies.Find(request) ?? throw NoCookie() : (await request.ReadValid<RefreshRequest>(ct)).RefreshToken;
        return await requests.OnceSealed(request, token, async () =>
            cookies.Respond(request, await sessions.Refresh(token, request.Headers.UserAgent, ct), inCookie), ct);
    }

    private static ProblemException NoCookie() =>
        new Problem(401, "refresh_token_invalid", "The request has no refresh token: sign in.").AsException();
}

/// <summary>A refresh token.</summary>
public sealed record RefreshRequest
{
    /// <summary>The token as it was given out.</summary>
    [Required, TextLength(SessionCookies.RefreshTokenLength, MinimumLength = 1)]
    public string RefreshToken { get; set; } = "";
}
