using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>DELETE /api/tokens/{id}: revokes a personal access token. Its realtime connections end with it.</summary>
public sealed class RevokePersonalToken(PersonalTokens tokens, Caller caller)
{
    /// <summary>Returns 204, or 404 where the caller has no such token.</summary>
    [Function(nameof(RevokePersonalToken))]
    [RequiresScope(AccessScopes.Account)]
    [Returns(204)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/tokens/{id:guid}")] HttpRequest request, CancellationToken ct) =>
        await tokens.Revoke(caller.UserId, request.RouteId(), ct) ? TypedResults.NoContent() : throw Problem.NotFound("token").AsException();
}
