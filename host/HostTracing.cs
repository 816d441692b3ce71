using System.Diagnostics;

namespace TodoFlow.Host;

/// <summary>
/// Gives every request and every invocation a trace id, whether anything exports traces or not: problems, logs and
/// events carry it. An unsampled activity costs next to nothing; the caller's wish to sample is passed on.
/// </summary>
internal sealed class HostTracing : IDisposable
{
    /// <summary>The source of one activity per invocation that is not a request.</summary>
    public static readonly ActivitySource Source = new("TodoFlow.Host");

    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = static source => source.Name is "Microsoft.AspNetCore" or "TodoFlow.Host",
        Sample = static (ref ActivityCreationOptions<ActivityContext> creation) =>
            creation.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
                ? ActivitySamplingResult.AllDataAndRecorded
                : ActivitySamplingResult.PropagationData,
    };

    public HostTracing() => ActivitySource.AddActivityListener(_listener);

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}
