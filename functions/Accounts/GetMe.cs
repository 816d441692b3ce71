using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>GET /api/me: the caller's account.</summary>
public sealed class GetMe(UserAccounts users, Caller caller)
{
    /// <summary>Returns 200 with the account, or 401 <c>account_gone</c> after it was deleted.</summary>
    [Function(nameof(GetMe))]
    [RequiresScope(AccessScopes.Account)]
    [Returns<MeResponse>(200)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/me")] HttpRequest request, CancellationToken ct) =>
        TypedResults.Ok(MeResponse.From(await users.Get(caller.UserId, ct)));
}
