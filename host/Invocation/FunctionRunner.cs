using System.Diagnostics;
using System.Diagnostics.Metrics;
using TodoFlow.Domain.Diagnostics;
using TodoFlow.Infrastructure.Observability;

namespace TodoFlow.Host.Invocation;

/// <summary>Runs functions whose trigger is not HTTP, each try in a scope of its own, under the function's retry policy.</summary>
public sealed partial class FunctionRunner
{
    private static readonly ActivitySource Source = new(TraceIds.HostSource);

    private readonly IServiceScopeFactory _scopes;
    private readonly InvocationPipeline _pipeline;
    private readonly TimeProvider _clock;
    private readonly ILogger<FunctionRunner> _logger;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _retries;

    internal FunctionRunner(
        IServiceScopeFactory scopes, InvocationPipeline pipeline, IMeterFactory meters, TimeProvider clock, ILogger<FunctionRunner> logger)
    {
        var meter = meters.Create(Telemetry.Name);
        _retries = meter.CreateCounter<long>("todoflow.function.retries", "{invocation}", "Invocations by timers and records that follow a failed one.");
        _failures = meter.CreateCounter<long>(
            "todoflow.function.failures", "{invocation}", "Invocations by timers and records that failed, retries included.");
        _scopes = scopes;
        _pipeline = pipeline;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Runs a function, and runs it again as its retry policy says until a try succeeds.</summary>
    /// <param name="function">The function.</param>
    /// <param name="value">The trigger's value, of the type of the function's parameter.</param>
    /// <param name="parent">The trace that the invocation belongs to; default starts one.</param>
    /// <param name="stopping">Ends the tries: none begins any more, and the wait for the next one is over.</param>
    /// <param name="ct">The function's own token.</param>
    /// <exception cref="OperationCanceledException">One of the tokens was cancelled before a try succeeded.</exception>
    /// <exception cref="Exception">What the last try failed with.</exception>
    public async Task Run(HostedFunction function, object value, ActivityContext parent, CancellationToken stopping, CancellationToken ct)
    {
        for (var retryCount = 0; ; retryCount++)
        {
            stopping.ThrowIfCancellationRequested();
            ct.ThrowIfCancellationRequested();
            try
            {
                await Try(function, value, retryCount, parent, ct);
                return;
            }
            catch (Exception error) when (!ct.IsCancellationRequested && function.Retry.Allows(retryCount))
            {
                var delay = function.Retry.Delay(retryCount);
                LogRetry(error, function.Name, retryCount + 1, delay);
                await Task.Delay(delay, _clock, stopping);
                _retries.Add(1, new KeyValuePair<string, object?>("faas.name", function.Name));
            }
        }
    }

    /// <summary>Runs a function once, whatever its retry policy says.</summary>
    /// <param name="function">The function.</param>
    /// <param name="value">The trigger's value, of the type of the function's parameter.</param>
    /// <param name="retryCount">How often it was tried before.</param>
    /// <param name="parent">The trace that the invocation belongs to; default starts one.</param>
    /// <param name="ct">The function's own token.</param>
    /// <exception cref="Exception">What it failed with.</exception>
    public async Task Try(HostedFunction function, object value, int retryCount, ActivityContext parent, CancellationToken ct)
    {
        var byRecords = function.Trigger is KafkaTrigger;
        using var activity = Source.StartActivity(function.Name, byRecords ? ActivityKind.Consumer : ActivityKind.Internal, parent);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("faas.name", function.Name).SetTag("faas.trigger", byRecords ? "pubsub" : "timer");
        }

        await using var scope = _scopes.CreateAsyncScope();
        try
        {
            await _pipeline.Run(new InvocationContext(function, value, scope.ServiceProvider, retryCount, ct));
        }
        catch (Exception error)
        {
            activity?.SetStatus(ActivityStatusCode.Error, error.GetType().Name);
            _failures.Add(1, new KeyValuePair<string, object?>("faas.name", function.Name));
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Function} failed; retry {Retry} follows in {Delay}")]
    private partial void LogRetry(Exception error, string function, int retry, TimeSpan delay);
}
