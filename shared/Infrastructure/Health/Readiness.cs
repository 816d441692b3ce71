using Microsoft.Extensions.Diagnostics.HealthChecks;
using TodoFlow.Infrastructure.Observability;

namespace TodoFlow.Infrastructure.Health;

/// <summary>Whether this instance can serve: no health check keeps it from doing so. However many ask, the checks run once a second.</summary>
public sealed class Readiness
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(1);

    private static readonly HealthResponse Leaving = new("unhealthy", new Dictionary<string, PartHealth> { ["instance"] = new("unhealthy", "It is stopping.") });

    private readonly HealthCheckService _checks;
    private readonly SharedResult<HealthResponse> _answer;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _leaves;

    /// <summary>Prepares to run the checks.</summary>
    public Readiness(HealthCheckService checks, TimeProvider clock)
    {
        _checks = checks;
        _answer = new SharedResult<HealthResponse>(Ask, GoodFor, clock);
    }

    /// <summary>Completes when this instance could serve for the first time, as whoever asked was told.</summary>
    public Task Started => _started.Task;

    /// <summary>How each part is. It waits at most three seconds.</summary>
    public Task<HealthResponse> Check(CancellationToken ct) => _leaves ? Task.FromResult(Leaving) : _answer.Get(ct);

    /// <summary>From now on this instance is not ready, whatever its parts say: it is about to stop.</summary>
    public void Leave() => _leaves = true;

    /// <summary>Whether this instance could serve once since it started; what happens to it later does not count.</summary>
    public async Task<HealthResponse> CheckStart(CancellationToken ct) => _started.Task.IsCompleted ? HealthResponse.Live : await Check(ct);

    private async Task<HealthResponse> Ask()
    {
        var answer = HealthResponse.From(await _checks.CheckHealthAsync(CancellationToken.None)); // each check has its own deadline
        if (answer.CanServe)
        {
            _started.TrySetResult();
        }

        return answer;
    }
}
