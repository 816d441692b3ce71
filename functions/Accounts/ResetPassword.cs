using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>POST /api/auth/password/reset: sets a new password, with what the mail's link holds. Every session ends.</summary>
public sealed class ResetPassword(PasswordChanges passwords)
{
    /// <summary>Returns 204, to the page's form 200 with a page; 401 <c>mail_token_invalid</c> where the link is unknown, used or expired.</summary>
    [Function(nameof(ResetPassword))]
    [AllowAnonymous]
    [EnableRateLimiting(RateLimitMiddleware.Passwords)]
    [Body(typeof(ResetPasswordRequest))]
    [Returns(204)]
    [Returns(200, ContentType = "text/html")]
    [Problems(401, 409)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/auth/password/reset")] HttpRequest request, CancellationToken ct)
    {
        var body = await request.ReadValidOrForm<ResetPasswordRequest>(ct);
        await passwords.Reset(body.Token, body.Password, ct);
        return request.IsForm() ? HtmlPage.Saying("Your password is changed", "Sign in with the new one.") : TypedResults.NoContent();
    }
}

/// <summary>A new password.</summary>
public sealed record ResetPasswordRequest
{
    /// <summary>The token of the mail's link.</summary>
    [Required, TextLength(MailTokens.Longest, MinimumLength = 1), Example("x3Vb0n1Jq8…")]
    public string Token { get; set; } = "";

    /// <summary>The password: none of the most common ones, and not the e-mail address.</summary>
    [Required, TextLength(Passwords.Longest, MinimumLength = Passwords.Shortest), Example("staple battery horse")]
    public string Password { get; set; } = "";
}
