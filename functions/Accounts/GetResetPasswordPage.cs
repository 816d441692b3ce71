using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;

namespace TodoFlow.Functions.Accounts;

/// <summary>GET /api/auth/password/reset: the page that a mail links to, which asks for the new password.</summary>
public sealed class GetResetPasswordPage
{
    /// <summary>Returns 200 with the page. It changes nothing.</summary>
    [Function(nameof(GetResetPasswordPage))]
    [AllowAnonymous]
    [Query(typeof(MailTokenQuery))]
    [Returns(200, ContentType = "text/html")]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/auth/password/reset")] HttpRequest request) => HtmlPage.Asking(
        "Choose a new password", "It has 10 characters or more. You are signed out everywhere.", request.ReadQuery<MailTokenQuery>().Token, "Change the password", asksPassword: true);
}
