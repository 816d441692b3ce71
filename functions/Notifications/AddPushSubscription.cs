using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications.WebPush;

namespace TodoFlow.Functions.Notifications;

/// <summary>POST /api/notifications/push-subscriptions: lets a browser show the caller's notifications.</summary>
public sealed class AddPushSubscription(PushSubscriptions subscriptions, Caller caller, IdempotentRequests requests)
{
    /// <summary>
    /// Returns 201, or 200 where the caller has subscribed there before. Where another user did, the browser is the caller's now.
    /// Of more than 20 browsers (<c>Quotas:PushSubscriptions</c>) the one is forgotten that was not confirmed for longest, and at least an hour;
    /// 403 <c>quota_exceeded</c> where there is none. 409 <c>web_push_not_configured</c>.
    /// </summary>
    [Function(nameof(AddPushSubscription))]
    [RequiresScope(AccessScopes.Notifications)]
    [Body(typeof(AddPushSubscriptionRequest))]
    [Returns<PushSubscriptionResponse>(201)]
    [Returns<PushSubscriptionResponse>(200)]
    [LaterMessage("push", typeof(PushMessage))]
    [Problems(403, 409)]
    [RequestHeaders(IdempotentRequests.Header)]
    public Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/notifications/push-subscriptions")] HttpRequest request, CancellationToken ct) =>
        requests.Once(request, async () =>
        {
            var body = await request.ReadValid<AddPushSubscriptionRequest>(ct);
            var (subscription, isNew) = await subscriptions.Add(
                caller.UserId, caller.Subject.SessionId, body.Endpoint, body.Keys.P256dh, body.Keys.Auth, body.ExpirationTime, ct);
            return isNew ? TypedResults.Created((string?)null, subscription) : TypedResults.Ok(subscription);
        }, ct);
}

/// <summary>What <c>PushSubscription.toJSON()</c> gives in a browser.</summary>
public sealed record AddPushSubscriptionRequest
{
    /// <summary>Where the push service takes messages for the browser: an https address.</summary>
    [Required, TextLength(PushSubscriptions.LongestEndpoint, MinimumLength = 1), Example("https://updates.push.services.mozilla.com/wpush/v2/gAAAAABnYV")]
    public string Endpoint { get; set; } = "";

    /// <summary>When the subscription ends, in milliseconds since 1970 UTC; null where the browser names no instant.</summary>
    [JsonPropertyName("expirationTime"), Range(0d, PushSubscriptions.LatestExpirationTime)]
    public long? ExpirationTime { get; set; }

    /// <summary>The browser's keys.</summary>
    [Required]
    public PushSubscriptionKeysRequest Keys { get; set; } = new();
}

/// <summary>The keys that messages for a browser are encrypted with.</summary>
public sealed record PushSubscriptionKeysRequest
{
    /// <summary>The public key: 65 bytes, base64url.</summary>
    [Required, TextLength(100, MinimumLength = 1), Example("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")]
    public string P256dh { get; set; } = "";

    /// <summary>The authentication secret: 16 bytes, base64url.</summary>
    [Required, TextLength(100, MinimumLength = 1), Example("BTBZMqHH6r4Tts7J_aSIgg")]
    public string Auth { get; set; } = "";
}
