using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;

namespace TodoFlow.Functions.Transfer;

/// <summary>DELETE /api/calendar-token: ends the caller's feed for calendar programs.</summary>
public sealed class RevokeCalendarToken(PersonalTokens tokens, Caller caller)
{
    /// <summary>Returns 204, or 404 where there is no feed.</summary>
    [Function(nameof(RevokeCalendarToken))]
    [RequiresScope(AccessScopes.Account)]
    [Returns(204)]
    [Problems(404)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/calendar-token")] HttpRequest request, CancellationToken ct) =>
        await tokens.RevokeCalendar(caller.UserId, ct) ? TypedResults.NoContent() : throw Problem.NotFound("token").AsException();
}
