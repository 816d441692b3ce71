using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Transfer;

namespace TodoFlow.Functions.Transfer;

/// <summary>POST /api/calendar-token: makes the address of the caller's feed for calendar programs.</summary>
public sealed class CreateCalendarToken(PersonalTokens tokens, UnitOfWork work, Caller caller)
{
    /// <summary>
    /// Returns 201 with the token, which is not shown again, and the address. It reads the feed and can do nothing else, and serves until it
    /// is revoked; the one before serves no more. 403 <c>quota_exceeded</c> beyond 100 tokens.
    /// </summary>
    [Function(nameof(CreateCalendarToken))]
    [RequiresScope(AccessScopes.Account)]
    [Returns<CalendarTokenResponse>(201)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/calendar-token")] HttpRequest request, CancellationToken ct)
    {
        var made = await tokens.ReplaceCalendar(work, caller.UserId, ct);
        return TypedResults.Created((string?)null, new CalendarTokenResponse(made.Id, made.Token!, $"/api/calendar.ics?token={made.Token}", made.CreatedAt)).NotStored();
    }
}
