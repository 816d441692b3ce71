using System.Diagnostics;
using TodoFlow.Host.Discovery;

namespace TodoFlow.Host.Invocation;

/// <summary>Runs functions whose trigger is not HTTP, each try in a scope of its own, under the function's retry policy.</summary>
public sealed partial class FunctionRunner
{
    private readonly IServiceScopeFactory _scopes;
    private readonly InvocationPipeline _pipeline;
    private readonly TimeProvider _clock;
    private readonly ILogger<FunctionRunner> _logger;

    internal FunctionRunner(IServiceScopeFactory scopes, InvocationPipeline pipeline, TimeProvider clock, ILogger<FunctionRunner> logger)
    {
        _scopes = scopes;
        _pipeline = pipeline;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Runs a function, and runs it again as its retry policy says until a try succeeds.</summary>
    /// <param name="function">The function.</param>
    /// <param name="value">The trigger's value, of the type of the function's parameter.</param>
    /// <param name="parent">The trace that the invocation belongs to; default starts one.</param>
    /// <param name="ct">Ends the wait between tries, and is the function's own token: cancelled when the host stops.</param>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled before a try succeeded.</exception>
    /// <exception cref="Exception">What the last try failed with.</exception>
    public async Task Run(HostedFunction function, object value, ActivityContext parent, CancellationToken ct)
    {
        for (var retryCount = 0; ; retryCount++)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                await RunOnce(function, value, retryCount, parent, ct);
                return;
            }
            catch (Exception error) when (!ct.IsCancellationRequested && function.Retry.Allows(retryCount))
            {
                var delay = function.Retry.Delay(retryCount);
                LogRetry(error, function.Name, retryCount + 1, delay);
                await Task.Delay(delay, _clock, ct);
            }
        }
    }

    private async Task RunOnce(HostedFunction function, object value, int retryCount, ActivityContext parent, CancellationToken ct)
    {
        using var activity = HostTracing.Source.StartActivity(function.Name, ActivityKind.Consumer, parent);
        await using var scope = _scopes.CreateAsyncScope();
        try
        {
            await _pipeline.Run(new InvocationContext(function, value, scope.ServiceProvider, retryCount, ct));
        }
        catch (Exception error)
        {
            activity?.SetStatus(ActivityStatusCode.Error, error.GetType().Name);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Function} failed; retry {Retry} follows in {Delay}")]
    private partial void LogRetry(Exception error, string function, int retry, TimeSpan delay);
}
