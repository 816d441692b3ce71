using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications.Email;

namespace TodoFlow.Functions.Accounts;

/// <summary>POST /api/auth/verify/resend: mails the link that verifies the caller's address once more.</summary>
public sealed class SendVerification(AccountMails mails, Caller caller)
{
    /// <summary>
    /// Returns 202; an address gets a few such mails in an hour and a day, and no more. 409 where the address is verified
    /// (<c>email_verified</c>), there is none (<c>no_address</c>), or this service sends no mail (<c>mail_unavailable</c>).
    /// </summary>
    [Function(nameof(SendVerification))]
    [RequiresScope(AccessScopes.Account)]
    [Returns(202)]
    [Problems(409)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/auth/verify/resend")] HttpRequest request, CancellationToken ct)
    {
        await mails.AddVerificationAgain(caller.UserId, ct);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }
}
