using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>POST /api/auth/verify: verifies an e-mail address, with what the mail's link holds. From then on reminders are mailed to it.</summary>
public sealed class VerifyEmail(MailTokens tokens)
{
    /// <summary>Returns 204, also when it is repeated, to the page's form 200 with a page; 401 <c>mail_token_invalid</c> where the link is unknown or expired.</summary>
    [Function(nameof(VerifyEmail))]
    [AllowAnonymous]
    [EnableRateLimiting(RateLimitMiddleware.SignIns)]
    [Body(typeof(MailTokenRequest))]
    [Returns(204)]
    [Returns(200, ContentType = "text/html")]
    [Problems(401)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/auth/verify")] HttpRequest request, CancellationToken ct)
    {
        await tokens.Verify((await request.ReadValidOrForm<MailTokenRequest>(ct)).Token, ct);
        return request.IsForm() ? HtmlPage.Saying("Your address is confirmed", "Reminders are mailed to it from now on.") : TypedResults.NoContent();
    }
}

/// <summary>What a mail's link holds.</summary>
public sealed record MailTokenRequest
{
    /// <summary>The token of the mail's link.</summary>
    [Required, TextLength(MailTokens.Longest, MinimumLength = 1)]
    public string Token { get; set; } = "";
}

/// <summary>What a mail's link holds.</summary>
public sealed record MailTokenQuery
{
    /// <inheritdoc cref="MailTokenRequest.Token"/>
    [Required, TextLength(MailTokens.Longest, MinimumLength = 1), Description("The token of the mail's link.")]
    public string Token { get; set; } = "";
}
