using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Notifications;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Messaging.DueWork;

namespace TodoFlow.Infrastructure.Notifications.WebPush;

/// <summary>
/// The channel <c>web_push</c>: a delivery goes to all of the user's browsers at once, and is sent when one push service took it.
/// Subscriptions that have ended are removed.
/// </summary>
internal sealed partial class WebPushChannel(
    [Background] IDbContextFactory<TodoFlowDb> contexts, PushSender sender, IOptions<NotificationSettings> settings, TimeProvider clock, ILogger<WebPushChannel> log)
    : INotificationChannel
{
    private const string NoSubscription = "no_subscription";

    /// <inheritdoc/>
    public string Name => Channels.WebPush;

    /// <inheritdoc/>
    public async Task<IReadOnlySet<Guid>> FindReachable(TodoFlowDb db, IReadOnlyCollection<Guid> users, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return await db.Set<PushSubscription>()
            .Where(subscription => users.Contains(subscription.UserId) && (subscription.ExpiresAt == null || subscription.ExpiresAt > now))
            .Select(subscription => subscription.UserId)
            .ToHashSetAsync(ct);
    }

    /// <inheritdoc/>
    public async Task<DeliveryOutcome> Send(DeliveryMessage message, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        var subscriptions = await db.Set<PushSubscription>().AsNoTracking().Where(subscription => subscription.UserId == message.UserId).ToListAsync(ct);
        var push = PushMessage.From(message, settings.Value.AppUrl);
        var (utf8, topic) = (push.ToUtf8(), push.Topic());
        var sending = subscriptions.Select(subscription => sender.Send(subscription, utf8, topic, ct)).ToList();
        try
        {
            await Task.WhenAll(sending);
        }
        catch (OperationCanceledException) when (sending.Any(one => one.IsCompletedSuccessfully && one.Result.Outcome == PushOutcome.Taken))
        {
            return DeliveryOutcome.Sent; // whoever tries again would show it twice
        }

        var results = subscriptions.Zip(sending, (subscription, sent) => (Subscription: subscription, sent.Result)).ToList();
        await Remove(db, [.. results.Where(sent => sent.Result.Outcome == PushOutcome.Gone).Select(sent => sent.Subscription)], ct);
        foreach (var (subscription, result) in results.Where(sent => sent.Result.Outcome == PushOutcome.Failed))
        {
            LogRefused(new Uri(subscription.Endpoint).Host, result.Reason);
        }

        return Combine([.. results.Select(sent => sent.Result)]);
    }

    private static DeliveryOutcome Combine(IReadOnlyList<PushResult> results)
    {
        if (results.Any(result => result.Outcome == PushOutcome.Taken))
        {
            return DeliveryOutcome.Sent;
        }

        var retries = results.Where(result => result.Outcome == PushOutcome.Retry).ToList();
        return retries.Count > 0 ? DeliveryOutcome.Retry(retries[0].Reason, retries.Max(result => result.RetryAfter)) // no push service is asked too soon
            : DeliveryOutcome.Failed(results.FirstOrDefault(result => result.Outcome == PushOutcome.Failed, new(PushOutcome.Failed, NoSubscription)).Reason);
    }

    // A browser may have confirmed its subscription meanwhile: then it stays.
    private async Task Remove(TodoFlowDb db, IReadOnlyList<PushSubscription> gone, CancellationToken ct)
    {
        foreach (var (id, refreshedAt) in gone.Select(subscription => (subscription.Id, subscription.RefreshedAt)))
        {
            await db.Set<PushSubscription>().Where(subscription => subscription.Id == id && subscription.RefreshedAt == refreshedAt).ExecuteDeleteAsync(ct);
        }

        if (gone.Count > 0)
        {
            LogRemoved(gone.Count);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Subscriptions} Web Push subscriptions that had ended")]
    private partial void LogRemoved(int subscriptions);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message cannot be pushed over {PushService}: {Reason}")]
    private partial void LogRefused(string pushService, string reason);
}
