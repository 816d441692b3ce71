using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using TodoFlow.Health;

namespace TodoFlow.Persistence;

/// <summary>
/// Builds the model of Entity Framework as soon as this instance is ready, so that no write has to wait for it. Reads and the queues do
/// without it, so neither does a start; and what a start computes before it is ready, it is late by.
/// </summary>
public sealed class ModelWarmUp(Readiness readiness, IDbContextFactory<TodoFlowDb> contexts) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await readiness.Started.WaitAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return; // stopped before it was ready
        }

        await using var db = await contexts.CreateDbContextAsync(stoppingToken);
        _ = db.Model;
    }
}
