using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Notifications;
using TodoFlow.Infrastructure.Notifications.WebPush;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Retention;

namespace TodoFlow.Functions.Outbox;

/// <summary>
/// Deletes what only a repeat or a look back needed: published events, the groups' memory of events, reminders that ended, tasks in the
/// trash, old notifications, stored responses, and the tokens and Web Push subscriptions that expired. Dead letters stay. Safe on every
/// instance at once.
/// </summary>
public sealed partial class PruneHistory(
    IEnumerable<IPruned> kept, NotificationList notifications, IdempotentRequests requests, Sessions sessions, PushSubscriptions subscriptions,
    Maintenance maintenance, ILogger<PruneHistory> log)
{
    /// <summary>Deletes in batches until nothing is left that is old enough.</summary>
    [Function(nameof(PruneHistory))]
    public async Task Run([TimerTrigger("0 17 * * * *", UseMonitor = false)] TimerInfo timer, CancellationToken ct)
    {
        var now = maintenance.Begin();
        var rows = 0L;
        foreach (var part in kept)
        {
            rows += await part.Prune(ct);
        }

        var told = await notifications.Prune(ct);
        var answers = await requests.Prune(now, ct);
        var tokens = await sessions.Prune(now, ct);
        var browsers = await subscriptions.Prune(now, ct);
        LogPruned(rows, told, answers, tokens, browsers);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Pruned {Rows} rows about events, reminders, the trash and tokens, {Notifications} notifications, {Answers} answers, {Tokens} refresh tokens and {Subscriptions} Web Push subscriptions")]
    private partial void LogPruned(long rows, int notifications, int answers, int tokens, int subscriptions);
}
