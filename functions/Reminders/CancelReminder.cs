using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Functions.Reminders;

/// <summary>DELETE /api/reminders/{id}: takes a reminder back.</summary>
public sealed class CancelReminder(ReminderStore reminders)
{
    /// <summary>
    /// Returns 204, also where it has been sent, has failed or was cancelled before: then it stays as it is. What waits to be delivered of it
    /// is not sent.
    /// </summary>
    [Function(nameof(CancelReminder))]
    [RequiresScope(AccessScopes.TasksWrite)]
    [Returns(204)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/reminders/{id:guid}")] HttpRequest request, CancellationToken ct)
    {
        await reminders.Cancel(request.RouteId(), ct);
        return TypedResults.NoContent();
    }
}
