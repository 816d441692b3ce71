using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Notifications.WebPush;
using TodoFlow.Infrastructure.Retention;

namespace TodoFlow.Functions.Outbox;

/// <summary>
/// Deletes what only a repeat or a look back needed: published events, the groups' memory of events, reminders that ended, old
/// notifications, stored responses, and the refresh tokens, personal access tokens and Web Push subscriptions that expired. Dead letters stay. Safe on every
/// instance at once.
/// </summary>
public sealed partial class PruneHistory(
    History history, NotificationList notifications, IdempotentRequests requests, Sessions sessions, PersonalTokens personal, PushSubscriptions subscriptions,
    TimeProvider clock, ILogger<PruneHistory> log)
{
    /// <summary>Deletes in batches until nothing is left that is old enough.</summary>
    [Function(nameof(PruneHistory))]
    public async Task Run([TimerTrigger("0 17 * * * *", UseMonitor = false)] TimerInfo timer, CancellationToken ct)
    {
        var events = await history.Prune(ct);
        var reminders = await history.PruneReminders(ct);
        var told = await notifications.Prune(ct);
        var answers = await requests.Prune(clock.GetUtcNow(), ct);
        var tokens = await sessions.Prune(clock.GetUtcNow(), ct) + await personal.Prune(ct);
        var browsers = await subscriptions.Prune(clock.GetUtcNow(), ct);
        LogPruned(events, reminders, told, answers, tokens, browsers);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Pruned {Events} rows about events, {Reminders} reminders, {Notifications} notifications, {Answers} answers, {Tokens} tokens and {Subscriptions} Web Push subscriptions")]
    private partial void LogPruned(long events, long reminders, int notifications, int answers, int tokens, int subscriptions);
}
