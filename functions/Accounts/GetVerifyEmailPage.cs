using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;

namespace TodoFlow.Functions.Accounts;

/// <summary>GET /api/auth/verify: the page that a mail links to, with a button that verifies the address.</summary>
public sealed class GetVerifyEmailPage
{
    /// <summary>Returns 200 with the page. It changes nothing: programs that look into mails follow links too.</summary>
    [Function(nameof(GetVerifyEmailPage))]
    [AllowAnonymous]
    [Query(typeof(MailTokenQuery))]
    [Returns(200, ContentType = "text/html")]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/auth/verify")] HttpRequest request) => HtmlPage.Asking(
        "Confirm your e-mail address", "Reminders are mailed to it from then on.", request.ReadQuery<MailTokenQuery>().Token, "Confirm");
}
