using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>DELETE /api/me: removes the caller's account and everything that belongs to it, at once and for good.</summary>
public sealed class DeleteMe(UserAccounts users, Caller caller)
{
    /// <summary>Returns 204. Its tokens end with it: another request gets 401 <c>account_gone</c>.</summary>
    [Function(nameof(DeleteMe))]
    [RequiresScope(AccessScopes.Account)]
    [Returns(204)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/me")] HttpRequest request, CancellationToken ct)
    {
        await users.Delete(caller.UserId, ct);
        return TypedResults.NoContent();
    }
}
