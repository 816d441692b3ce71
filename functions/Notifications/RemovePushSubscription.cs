using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications.WebPush;

namespace TodoFlow.Functions.Notifications;

/// <summary>
/// DELETE /api/notifications/push-subscriptions: sends a browser nothing more. It is named by its endpoint, in the body or, for
/// clients that send none, in the query.
/// </summary>
public sealed class RemovePushSubscription(PushSubscriptions subscriptions, Caller caller)
{
    /// <summary>Returns 204, also where the caller has no such subscription.</summary>
    [Function(nameof(RemovePushSubscription))]
    [RequiresScope(AccessScopes.Notifications)]
    [Body(typeof(RemovePushSubscriptionRequest), IsOptional = true)]
    [Query(typeof(RemovePushSubscriptionQuery))]
    [Returns(204)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/notifications/push-subscriptions")] HttpRequest request, CancellationToken ct)
    {
        var endpoint = request.ReadQuery<RemovePushSubscriptionQuery>().Endpoint ?? (await request.ReadValid<RemovePushSubscriptionRequest>(ct)).Endpoint;
        await subscriptions.Remove(caller.UserId, endpoint, ct);
        return TypedResults.NoContent();
    }
}

/// <summary>The browser to forget.</summary>
public sealed record RemovePushSubscriptionRequest
{
    /// <summary>The subscription's endpoint.</summary>
    [Required, TextLength(PushSubscriptions.LongestEndpoint, MinimumLength = 1), Example("https://updates.push.services.mozilla.com/wpush/v2/gAAAAABnYV")]
    public string Endpoint { get; set; } = "";
}

/// <summary>The browser to forget.</summary>
public sealed record RemovePushSubscriptionQuery
{
    /// <inheritdoc cref="RemovePushSubscriptionRequest.Endpoint"/>
    [TextLength(PushSubscriptions.LongestEndpoint, MinimumLength = 1), Description("The subscription's endpoint, instead of a body.")]
    public string? Endpoint { get; set; }
}
