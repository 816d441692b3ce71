using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications.Email;

namespace TodoFlow.Functions.Accounts;

/// <summary>POST /api/auth/password/forgot: mails a link by which a new password is chosen.</summary>
public sealed class ForgetPassword(LocalIssuer issuer, AccountMails mails)
{
    /// <summary>
    /// Returns 202, whether or not the address has an account; 409 <c>mail_unavailable</c> where this service sends no mail. An address gets
    /// a few such mails in an hour and a day, and no more.
    /// </summary>
    [Function(nameof(ForgetPassword))]
    [AllowAnonymous]
    [EnableRateLimiting(RateLimitMiddleware.SignIns)]
    [Body(typeof(ForgetPasswordRequest))]
    [Returns(202)]
    [Problems(404, 409)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/auth/password/forgot")] HttpRequest request, CancellationToken ct)
    {
        issuer.RequireEnabled();
        var body = await request.ReadValid<ForgetPasswordRequest>(ct);
        await mails.AddPasswordReset(body.Email, ct);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }
}

/// <summary>Whose password was forgotten.</summary>
public sealed record ForgetPasswordRequest
{
    /// <summary>The e-mail address of the account.</summary>
    [Required, Example("ada@example.com")]
    public EmailAddress Email { get; set; } = null!;
}
