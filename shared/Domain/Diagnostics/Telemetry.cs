using System.Diagnostics;

namespace TodoFlow.Domain.Diagnostics;

/// <summary>Where traces come from.</summary>
public static class Telemetry
{
    /// <summary>The name to listen to.</summary>
    public const string Name = "TodoFlow";

    /// <summary>The source of the domain's spans. It has listeners only where traces are exported.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>
    /// The span that is under way, as W3C's <c>traceparent</c>: what is stored beside work that waits, so that <see cref="Resume"/> goes
    /// on in the same trace. Null where nobody listens, and where there is none.
    /// </summary>
    public static string? TraceParent => Source.HasListeners() && Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : null;

    /// <summary>Begins the span of work that waited, in the trace that it was left in. Null where nobody listens.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="kind">In which role.</param>
    /// <param name="traceParent">The span that left it; null begins a trace.</param>
    /// <param name="others">The spans that left what is done along with it: links.</param>
    public static Activity? Resume(string name, ActivityKind kind, string? traceParent, IReadOnlyList<string>? others = null)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent);
        var links = others?.Select(other => ActivityContext.TryParse(other, null, isRemote: true, out var cause) ? new ActivityLink(cause) : default);
        return Source.StartActivity(name, kind, parent, links: links?.Where(link => link.Context != default));
    }
}
