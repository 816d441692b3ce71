using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>DELETE /api/sessions/{id}: signs the caller out on one device. Its access token and its realtime connections end with it.</summary>
public sealed class EndSession(Sessions sessions, Caller caller)
{
    /// <summary>Returns 204, or 404 where the caller has no such session.</summary>
    [Function(nameof(EndSession))]
    [RequiresScope(AccessScopes.Account)]
    [Returns(204)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/sessions/{id:guid}")] HttpRequest request, CancellationToken ct) =>
        await sessions.End(caller.UserId, request.RouteId(), ct) ? TypedResults.NoContent() : throw Problem.NotFound("session").AsException();
}
