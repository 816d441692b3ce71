using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using TodoFlow.Accounts;
using TodoFlow.Events;
using TodoFlow.Functions.Http;

namespace TodoFlow.Functions.Outbox;

/// <summary>
/// Deletes what only a repeat or a look back needed: published events, the groups' memory of events, kept answers and refresh tokens
/// that expired. Dead letters stay. Safe on every instance at once.
/// </summary>
public sealed partial class PruneHistory(History history, IdempotentRequests requests, Sessions sessions, TimeProvider clock, ILogger<PruneHistory> log)
{
    /// <summary>Deletes in batches until nothing is left that is old enough.</summary>
    [Function(nameof(PruneHistory))]
    public async Task Run([TimerTrigger("0 17 * * * *", UseMonitor = false)] TimerInfo timer, CancellationToken ct)
    {
        var events = await history.Prune(ct);
        var answers = await requests.Prune(clock.GetUtcNow(), ct);
        var tokens = await sessions.Prune(clock.GetUtcNow(), ct);
        LogPruned(events, answers, tokens);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Pruned {Events} rows about events, {Answers} answers and {Tokens} refresh tokens")]
    private partial void LogPruned(long events, int answers, int tokens);
}
