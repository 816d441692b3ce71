using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>GET /api/sessions: where the caller is signed in, the latest first.</summary>
public sealed class ListSessions(Sessions sessions, Caller caller)
{
    /// <summary>Returns 200 with the sessions; none where an issuer elsewhere signs the caller in.</summary>
    [Function(nameof(ListSessions))]
    [RequiresScope(AccessScopes.Account)]
    [Returns<List<SessionResponse>>(200)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/sessions")] HttpRequest request, CancellationToken ct) =>
        TypedResults.Ok(await sessions.List(caller.Subject, ct));
}
