using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Functions.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications.Email;

namespace TodoFlow.Functions.Accounts;

/// <summary>POST /api/auth/register: adds a user and signs them in.</summary>
public sealed class RegisterUser(
    LocalIssuer issuer, UserAccounts users, Sessions sessions, SessionCookies cookies, AccountMails mails, IdempotentRequests requests)
{
    /// <summary>
    /// Returns 201 with tokens, or 409 <c>email_taken</c>. Where mail is sent, the address gets one with a link: reminders are mailed to it
    /// once that was followed.
    /// </summary>
    [Function(nameof(RegisterUser))]
    [AllowAnonymous]
    [EnableRateLimiting(RateLimitMiddleware.Passwords)]
    [Body(typeof(RegisterRequest))]
    [Returns<TokenResponse>(201)]
    [Problems(404, 409)]
    [RequestHeaders(IdempotentRequests.Header, SessionCookies.Header)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/auth/register")] HttpRequest request, CancellationToken ct)
    {
        issuer.RequireEnabled();
        var inCookie = SessionCookies.IsAsked(request);
        var body = await request.ReadValid<RegisterRequest>(ct);
        var result = await requests.OnceSealed(request, body.Email.Normalized, async () =>
        {
            var user = await users.Add(body.Email, body.Password, TaskFields.Zone(body.TimeZone), ct);
            await mails.AddVerification(user.Id, ct);
            return cookies.Respond(request, await sessions.Start(user, request.Headers.UserAgent, ct), inCookie, created: true);
        }, ct);
        mails.Kick();
        return result;
    }
}

/// <summary>A new user.</summary>
public sealed record RegisterRequest
{
    /// <summary>The e-mail address.</summary>
    [Required, Example("ada@example.com")]
    public EmailAddress Email { get; set; } = null!;

    /// <summary>The password: none of the most common ones, and not the e-mail address.</summary>
    [Required, TextLength(Passwords.Longest, MinimumLength = Passwords.Shortest), Example("correct horse battery")]
    public string Password { get; set; } = "";

    /// <summary>The user's zone.</summary>
    [TimeZoneId, Description("The IANA time zone of the user's days, such as Europe/Berlin."), DefaultValue("UTC"), Example("Europe/Berlin")]
    public string? TimeZone { get; set; }
}
