using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications.WebPush;

namespace TodoFlow.Functions.Notifications;

/// <summary>POST /api/notifications/push-subscriptions: lets a browser show the caller's notifications.</summary>
public sealed class AddPushSubscription(PushSubscriptions subscriptions, Caller caller, IdempotentRequests requests)
{
    /// <summary>
    /// Answers 201, or 200 where the caller has subscribed there before. Where another user did, the browser is the caller's now.
    /// Of more than 20 browsers the one is forgotten that was not confirmed for longest. 409 <c>web_push_not_configured</c>.
    /// </summary>
    [Function(nameof(AddPushSubscription))]
    [Body<AddPushSubscriptionRequest>]
    [Returns<PushSubscriptionResponse>(201)]
    [Returns<PushSubscriptionResponse>(200)]
    [Problems(409)]
    [Heeds(IdempotentRequests.Header)]
    public Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/notifications/push-subscriptions")] HttpRequest request, CancellationToken ct) =>
        requests.Once(request, async () =>
        {
            var body = await request.ReadValid<AddPushSubscriptionRequest>(ct);
            var (subscription, isNew) = await subscriptions.Add(
                caller.UserId, body.Endpoint, body.Keys.P256dh, body.Keys.Auth, body.ExpirationTime, ct);
            return new Answer<PushSubscriptionResponse>(subscription, TodoFlowJson.Wire.PushSubscriptionResponse)
            {
                Status = isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK,
            };
        }, ct);
}

/// <summary>What <c>PushSubscription.toJSON()</c> gives in a browser.</summary>
public sealed record AddPushSubscriptionRequest
{
    /// <summary>Where the push service takes messages for the browser: an https address.</summary>
    [Needed, Characters(1, PushSubscriptions.LongestEndpoint), Example("https://updates.push.services.mozilla.com/wpush/v2/gAAAAABnYV")]
    public string Endpoint { get; init; } = "";

    /// <summary>When the subscription ends, in milliseconds since 1970 UTC; null where the browser names no instant.</summary>
    [WireName("expirationTime"), Between(0, PushSubscriptions.LatestExpirationTime)]
    public long? ExpirationTime { get; init; }

    /// <summary>The browser's keys.</summary>
    [Needed]
    public PushSubscriptionKeysRequest Keys { get; init; } = new();
}

/// <summary>The keys that messages for a browser are encrypted with.</summary>
public sealed record PushSubscriptionKeysRequest
{
    /// <summary>The public key: 65 bytes, base64url.</summary>
    [Needed, Characters(1, 100), Example("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")]
    public string P256dh { get; init; } = "";

    /// <summary>The authentication secret: 16 bytes, base64url.</summary>
    [Needed, Characters(1, 100), Example("BTBZMqHH6r4Tts7J_aSIgg")]
    public string Auth { get; init; } = "";
}
