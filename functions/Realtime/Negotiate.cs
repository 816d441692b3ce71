using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Realtime;

namespace TodoFlow.Functions.Realtime;

/// <summary>POST /api/notifications/negotiate: where to connect for messages as they happen, and the token for it.</summary>
public sealed class Negotiate(Caller caller, IRealtimeEndpoint? endpoint = null)
{
    /// <summary>
    /// Returns 200 with a redirect as SignalR's clients follow it: give them <c>/api/notifications</c> as the hub's address, and the access
    /// token. The response's names are SignalR's own. 404 <c>realtime_unavailable</c> where no SignalR service is set up.
    /// </summary>
    [Function(nameof(Negotiate))]
    [RequiresScope(AccessScopes.TasksRead)]
    [Returns<RealtimeConnection>(200)]
    [LaterMessage(RealtimeHub.TaskUpdate, typeof(TaskUpdateMessage))]
    [LaterMessage(RealtimeHub.Reminder, typeof(ReminderMessage))]
    [Problems(404)]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/notifications/negotiate")] HttpRequest request)
    {
        if (endpoint is null)
        {
            throw new Problem(404, "realtime_unavailable", "This service sends no messages as they happen: ask for changes with updated_after.").AsException();
        }

        var connection = endpoint.Invite(caller.Subject, $"{request.Scheme}://{request.Host}");
        return TypedResults.Ok(connection).NotStored();
    }
}
