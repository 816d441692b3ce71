using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications;

namespace TodoFlow.Functions.Notifications;

/// <summary>POST /api/mail/unsubscribe: ends the reminders by mail of whoever got one, without signing in (RFC 8058).</summary>
public sealed class UnsubscribeMail(MailTokens tokens, PreferenceStore preferences, Caller caller)
{
    /// <summary>
    /// Returns 200 with a page, also when it is repeated. What the body says does not matter; the token is in the address. It disables the
    /// channel <c>email</c>, which the preferences enable again. 401 <c>mail_token_invalid</c> where the token is none.
    /// </summary>
    [Function(nameof(UnsubscribeMail))]
    [AllowAnonymous]
    [EnableRateLimiting(RateLimitMiddleware.SignIns)]
    [Query(typeof(MailTokenQuery))]
    [Returns(200, ContentType = "text/html")]
    [Problems(401)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/mail/unsubscribe")] HttpRequest request, CancellationToken ct)
    {
        caller.SignIn(await tokens.ReadUnsubscription(request.ReadQuery<MailTokenQuery>().Token, ct), timeZone: null);
        await preferences.Change(preference => preference.DisableEmail(), ct);
        return HtmlPage.Saying("No more reminders by mail", "You get none from now on. Your preferences in TodoFlow bring them back.");
    }
}
