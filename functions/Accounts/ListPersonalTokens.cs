using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>GET /api/tokens: the caller's personal access tokens, the latest first.</summary>
public sealed class ListPersonalTokens(PersonalTokens tokens, Caller caller)
{
    /// <summary>Returns 200 with the tokens that have not expired, without the tokens themselves.</summary>
    [Function(nameof(ListPersonalTokens))]
    [RequiresScope(AccessScopes.Account)]
    [Returns<List<PersonalTokenResponse>>(200)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/tokens")] HttpRequest request, CancellationToken ct) =>
        TypedResults.Ok(await tokens.List(caller.UserId, ct));
}
