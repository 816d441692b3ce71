using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>POST /api/auth/link: signs a user in with the code of a link that an operator made for them.</summary>
public sealed class SignInByLink(LocalIssuer issuer, SignInLinks links, SessionCookies cookies, IdempotentRequests requests)
{
    /// <summary>Returns 200 with tokens. The code serves once and for 15 minutes; after that 401 <c>sign_in_link_invalid</c>. Only a command of the host makes one.</summary>
    [Function(nameof(SignInByLink))]
    [AllowAnonymous]
    [EnableRateLimiting(RateLimitMiddleware.SignIns)]
    [Body(typeof(SignInByLinkRequest))]
    [Returns<TokenResponse>(200)]
    [Problems(401, 404)]
    [RequestHeaders(IdempotentRequests.Header, SessionCookies.Header)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/auth/link")] HttpRequest request, CancellationToken ct)
    {
        issuer.RequireEnabled();
        var inCookie = SessionCookies.IsAsked(request);
        var body = await request.ReadValid<SignInByLinkRequest>(ct);
        return await requests.OnceSealed(request, body.Code, async () =>
            cookies.Respond(request, await links.SignIn(body.Code, request.Headers.UserAgent, ct), inCookie), ct);
    }
}

/// <summary>What the link holds.</summary>
public sealed record SignInByLinkRequest
{
    /// <summary>The code behind <c>#sign-in=</c> of the link.</summary>
    [Required, TextLength(MailTokens.Longest, MinimumLength = 1)]
    public string Code { get; set; } = "";
}
