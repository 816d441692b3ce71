using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>POST /api/auth/login: signs a user in with their password.</summary>
public sealed class LogIn(
    LocalIssuer issuer, UserAccounts users, SignInAttempts attempts, Sessions sessions, SessionCookies cookies, IdempotentRequests requests, Caller caller)
{
    /// <summary>Returns 200 with tokens, or 401 <c>invalid_credentials</c>, the same for an unknown address and a wrong password; 429 where too many were tried.</summary>
    [Function(nameof(LogIn))]
    [AllowAnonymous]
    [EnableRateLimiting(RateLimitMiddleware.Passwords)]
    [Body(typeof(LogInRequest))]
    [Returns<TokenResponse>(200)]
    [Problems(401, 404)]
    [RequestHeaders(IdempotentRequests.Header, SessionCookies.Header)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/auth/login")] HttpRequest request, CancellationToken ct)
    {
        issuer.RequireEnabled();
        var inCookie = SessionCookies.IsAsked(request);
        var body = await request.ReadValid<LogInRequest>(ct);
        var counted = await attempts.Begin(body.Email, caller.Address, ct);
        var result = await requests.OnceSealed(request, body.Email.Normalized, async () =>
            cookies.Respond(request, await sessions.Start(await users.SignIn(body.Email, body.Password, ct), request.Headers.UserAgent, ct), inCookie), ct);
        if (counted)
        {
            await attempts.Forget(body.Email, ct);
        }

        return result;
    }
}

/// <summary>Who signs in.</summary>
public sealed record LogInRequest
{
    /// <summary>The e-mail address.</summary>
    [Required, Example("ada@example.com")]
    public EmailAddress Email { get; set; } = null!;

    /// <summary>The password.</summary>
    [Required, TextLength(Passwords.Longest, MinimumLength = 1), Example("correct horse battery")]
    public string Password { get; set; } = "";
}
