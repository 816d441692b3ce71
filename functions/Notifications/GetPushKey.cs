using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Notifications.WebPush;

namespace TodoFlow.Functions.Notifications;

/// <summary>GET /api/notifications/push-key: the key that a browser subscribes with.</summary>
public sealed class GetPushKey(PushSubscriptions subscriptions)
{
    /// <summary>Returns 200 with the key, or 404 <c>web_push_not_configured</c> where this server sends no Web Push.</summary>
    [Function(nameof(GetPushKey))]
    [RequiresScope(AccessScopes.Notifications)]
    [Returns<PushKeyResponse>(200)]
    [Problems(404)]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/notifications/push-key")] HttpRequest request) =>
        TypedResults.Ok(new PushKeyResponse(subscriptions.PublicKey()));
}
