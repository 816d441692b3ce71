using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications;

namespace TodoFlow.Functions.Notifications;

/// <summary>POST /api/notifications/read-all: marks everything as read, or everything up to the newest that the caller has seen.</summary>
public sealed class ReadAllNotifications(NotificationList list, IdempotentRequests requests, Caller caller)
{
    /// <summary>Returns 204, however many there were.</summary>
    [Function(nameof(ReadAllNotifications))]
    [RequiresScope(AccessScopes.Notifications)]
    [Body(typeof(ReadAllNotificationsRequest), IsOptional = true)]
    [Returns(204)]
    [RequestHeaders(IdempotentRequests.Header)]
    public Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/notifications/read-all")] HttpRequest request, CancellationToken ct) =>
        requests.Once(request, async () =>
        {
            var body = (await request.ReadBody(ct)).IsEmpty ? new() : await request.ReadValid<ReadAllNotificationsRequest>(ct);
            await list.ReadAll(caller.UserId, body.UpTo, ct);
            return TypedResults.NoContent();
        }, ct);
}

/// <summary>Which notifications were read.</summary>
public sealed record ReadAllNotificationsRequest
{
    /// <summary>The newest that was seen.</summary>
    [Description("The id of the newest notification that was seen: what comes meanwhile stays unread. By default all are read.")]
    public Guid? UpTo { get; set; }
}
