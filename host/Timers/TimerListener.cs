using Microsoft.Azure.Functions.Worker;
using TodoFlow.Host.Discovery;
using TodoFlow.Host.Invocation;
using TodoFlow.Host.Lifetime;

namespace TodoFlow.Host.Timers;

/// <summary>
/// Runs each timer function on its schedule. A function never overlaps itself: the next instant is computed when a run
/// has ended, so instants that pass during a run are skipped. A run that fails is logged, and the next one still comes.
/// </summary>
internal sealed partial class TimerListener(
    FunctionCatalog catalog, FunctionRunner runner, Drain drain, TimeProvider clock, ILogger<TimerListener> logger) : BackgroundService
{
    // A wait is cut into pieces, so that a clock that is set forward is noticed.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    // Later than this after its instant, a run counts as past due: the machine slept, or its clock was set.
    private static readonly TimeSpan PastDue = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, drain.Begun);
        await Task.WhenAll(catalog.Functions.Select(
            function => function.Trigger is TimerTrigger timer ? RunOnSchedule(function, timer, stopping.Token) : Task.CompletedTask));
    }

    private async Task RunOnSchedule(HostedFunction function, TimerTrigger timer, CancellationToken stopping)
    {
        await Task.Yield(); // a run on start-up must not hold up the other functions
        var status = new ScheduleStatus();
        try
        {
            if (timer.RunOnStartup)
            {
                await Run(function, timer, status, due: clock.GetUtcNow(), stopping);
            }

            while (true)
            {
                var due = timer.Schedule.Next(clock.GetUtcNow());
                await WaitUntil(due, stopping);
                await Run(function, timer, status, due, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops; the run in flight, if any, has ended.
        }
    }

    private async Task WaitUntil(DateTimeOffset due, CancellationToken ct)
    {
        for (var left = due - clock.GetUtcNow(); left > TimeSpan.Zero; left = due - clock.GetUtcNow())
        {
            // Timers count whole milliseconds: rounded up, or the last one would be spent spinning.
            var wait = TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
            await Task.Delay(wait < LongestWait ? wait : LongestWait, clock, ct);
        }
    }

    private async Task Run(HostedFunction function, TimerTrigger timer, ScheduleStatus status, DateTimeOffset due, CancellationToken stopping)
    {
        var info = new TimerInfo { IsPastDue = clock.GetUtcNow() - due > PastDue };
        if (timer.UseMonitor)
        {
            status.Next = timer.Schedule.Next(due).UtcDateTime;
            info.ScheduleStatus = new ScheduleStatus { Last = status.Last, Next = status.Next, LastUpdated = status.LastUpdated };
            status.Last = due.UtcDateTime;
            status.LastUpdated = clock.GetUtcNow().UtcDateTime;
        }

        try
        {
            await runner.Run(function, info, parent: default, stopping, stopping);
        }
        catch (Exception error) when (error is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            LogFailed(error, function.Name);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Function} failed; it runs again on its schedule")]
    private partial void LogFailed(Exception error, string function);
}
