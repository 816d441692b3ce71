using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Transfer;

namespace TodoFlow.Functions.Transfer;

/// <summary>GET /api/calendar.ics: the open tasks that have a due date, for calendar programs.</summary>
public sealed class GetCalendar(CalendarFeed feed, Caller caller)
{
    /// <summary>
    /// Returns 200 with iCalendar: an event for each task, all-day or at its instant, repeating where the task does. 304 where
    /// <c>If-None-Match</c> names it as it is. The token is that of <c>POST /api/calendar-token</c>, and no other.
    /// </summary>
    [Function(nameof(GetCalendar))]
    [RequiresScope(AccessScopes.Calendar)]
    [TokenInQuery]
    [Returns(200, "ETag", ContentType = "text/calendar")]
    [Returns(304, "ETag")]
    [RequestHeaders("If-None-Match")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/calendar.ics")] HttpRequest request, CancellationToken ct)
    {
        var (text, tag) = await feed.Write(caller.UserId, ct);
        var headers = request.HttpContext.Response.Headers;
        (headers.ETag, headers.CacheControl) = (tag, "private, no-cache"); // kept by the program, and asked about each time
        return request.HasAlready(tag) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Text(text, "text/calendar; charset=utf-8");
    }
}
