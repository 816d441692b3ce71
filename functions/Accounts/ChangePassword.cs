using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>PUT /api/me/password: changes the caller's password. Every session ends, and one begins for the device that asked.</summary>
public sealed class ChangePassword(PasswordChanges passwords, SessionCookies cookies)
{
    /// <summary>Returns 200 with tokens, or 401 <c>invalid_credentials</c> where the current password is wrong.</summary>
    [Function(nameof(ChangePassword))]
    [RequiresScope(AccessScopes.Account)]
    [EnableRateLimiting(RateLimitMiddleware.Passwords)]
    [Body(typeof(ChangePasswordRequest))]
    [Returns<TokenResponse>(200)]
    [Problems(409)]
    [RequestHeaders(SessionCookies.Header)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/me/password")] HttpRequest request, CancellationToken ct)
    {
        var inCookie = SessionCookies.IsAsked(request);
        var body = await request.ReadValid<ChangePasswordRequest>(ct);
        return cookies.Respond(request, await passwords.Change(body.CurrentPassword, body.NewPassword, request.Headers.UserAgent, ct), inCookie);
    }
}

/// <summary>A password and the next.</summary>
public sealed record ChangePasswordRequest
{
    /// <summary>The password that the caller has.</summary>
    [Required, TextLength(Passwords.Longest, MinimumLength = 1), Example("correct horse battery")]
    public string CurrentPassword { get; set; } = "";

    /// <summary>The one that they want: none of the most common ones, and not the e-mail address.</summary>
    [Required, TextLength(Passwords.Longest, MinimumLength = Passwords.Shortest), Example("staple battery horse")]
    public string NewPassword { get; set; } = "";
}
