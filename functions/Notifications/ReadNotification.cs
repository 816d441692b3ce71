using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications;

namespace TodoFlow.Functions.Notifications;

/// <summary>POST /api/notifications/{id}/read: marks a notification as read.</summary>
public sealed class ReadNotification(NotificationList list, IdempotentRequests requests, Caller caller)
{
    /// <summary>Returns 200 with the notification; one that was read keeps the time at which it was.</summary>
    [Function(nameof(ReadNotification))]
    [RequiresScope(AccessScopes.Notifications)]
    [Returns<NotificationResponse>(200)]
    [RequestHeaders(IdempotentRequests.Header)]
    public Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/notifications/{id:guid}/read")] HttpRequest request, CancellationToken ct) =>
        requests.Once(request, async () =>
        {
            var read = await list.Read(caller.UserId, request.RouteId(), ct) ?? throw Problem.NotFound("notification").AsException();
            return TypedResults.Ok(read);
        }, ct);
}
