using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace TodoFlow.Infrastructure.Observability;

/// <summary>
/// Gives every request and every invocation a trace id, whether anything exports traces or not: problems, logs and events carry it.
/// ASP.NET Core and the Functions worker continue the trace of the caller (<c>traceparent</c>, there that of the invocation) once
/// somebody listens. An unsampled activity costs next to nothing; the caller's wish to sample is passed on.
/// </summary>
public sealed class TraceIds : IHostedService, IDisposable
{
    /// <summary>The source of the standalone host's invocations that are not requests.</summary>
    public const string HostSource = "TodoFlow.Host";

    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = static source => source.Name is "Microsoft.AspNetCore" or "Microsoft.Azure.Functions.Worker" or HostSource,
        Sample = static (ref ActivityCreationOptions<ActivityContext> creation) =>
            creation.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
                ? ActivitySamplingResult.AllDataAndRecorded
                : ActivitySamplingResult.PropagationData,
    };

    /// <summary>Listens from now on: services are made before the first one starts, so no invocation comes earlier.</summary>
    public TraceIds() => ActivitySource.AddActivityListener(_listener);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}
