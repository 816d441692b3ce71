using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Accounts;
using TodoFlow.Functions.Http;

namespace TodoFlow.Functions.Notifications;

/// <summary>GET /api/mail/unsubscribe: the page that reminders link to, with a button that ends them.</summary>
public sealed class GetUnsubscribePage
{
    /// <summary>Returns 200 with the page. It changes nothing: programs that look into mails follow links too.</summary>
    [Function(nameof(GetUnsubscribePage))]
    [AllowAnonymous]
    [Query(typeof(MailTokenQuery))]
    [Returns(200, ContentType = "text/html")]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/mail/unsubscribe")] HttpRequest request) => HtmlPage.Asking(
        "No more reminders by mail?", "The other ways in which you are reminded stay as they are.", request.ReadQuery<MailTokenQuery>().Token, "Unsubscribe");
}
