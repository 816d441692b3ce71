using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications;

namespace TodoFlow.Functions.Reminders;

/// <summary>GET /api/reminders/{id}/trace: why one of the caller's reminders came, and over which channels, or why it did not.</summary>
public sealed class GetReminderTrace(ReminderTrace trace, Caller caller)
{
    /// <summary>Returns 200 with an array of steps, oldest first; of more than 1,000 the newest.</summary>
    [Function(nameof(GetReminderTrace))]
    [RequiresScope(AccessScopes.TasksRead)]
    [Returns<List<TraceStep>>(200)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/reminders/{id:guid}/trace")] HttpRequest request, CancellationToken ct)
    {
        var steps = await trace.Read(caller.UserId, request.RouteId(), ct);
        return steps.Count > 0 ? TypedResults.Ok(steps) : throw Problem.NotFound("reminder").AsException();
    }
}
