using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Accounts;

/// <summary>DELETE /api/sessions: signs the caller out everywhere, here as well. All access tokens and realtime connections end.</summary>
public sealed class EndSessions(Sessions sessions, Caller caller)
{
    /// <summary>Returns 204.</summary>
    [Function(nameof(EndSessions))]
    [RequiresScope(AccessScopes.Account)]
    [Returns(204)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/sessions")] HttpRequest request, CancellationToken ct)
    {
        await sessions.EndAll(caller.UserId, ct);
        return TypedResults.NoContent();
    }
}
