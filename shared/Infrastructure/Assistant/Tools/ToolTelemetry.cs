using System.Diagnostics;
using System.Diagnostics.Metrics;
using TodoFlow.Domain.Diagnostics;

namespace TodoFlow.Infrastructure.Assistant.Tools;

/// <summary>
/// Spans and metrics of the tools' calls, by OpenTelemetry's conventions for generative AI: a span <c>execute_tool NAME</c>, and how long
/// calls take by tool and kind of error. Neither arguments nor results are in them: those are the user's texts.
/// </summary>
public sealed class ToolTelemetry
{
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _changed;
    private readonly TimeProvider _clock;

    /// <summary>Makes the instruments.</summary>
    public ToolTelemetry(IMeterFactory meters, TimeProvider clock)
    {
        _clock = clock;
        var meter = meters.Create(Telemetry.Name);
        _duration = meter.CreateHistogram(
            "todoflow.assistant.tool.duration", "s", "How long calls of the assistant's tools take, by tool; those that failed have error.type.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] });
        _changed = meter.CreateCounter<long>("todoflow.assistant.tool.changes", "{task}", "Changes to tasks that the assistant's tools committed, by tool.");
    }

    internal Call Begin(string tool)
    {
        var span = Telemetry.Source.StartActivity($"execute_tool {tool}");
        span?.SetTag("gen_ai.operation.name", "execute_tool").SetTag("gen_ai.tool.name", tool).SetTag("gen_ai.tool.type", "function");
        return new(this, tool, span, _clock.GetTimestamp());
    }

    /// <summary>A call that is under way. One that is disposed of without an end was cancelled.</summary>
    internal sealed class Call(ToolTelemetry telemetry, string tool, Activity? span, long began) : IDisposable
    {
        private string? _error = "cancelled";

        public void End(ToolResult result)
        {
            _error = result.IsError ? (string?)result.Structured["error"]?["code"] ?? "_OTHER" : null;
            if (result.Actions.Count > 0)
            {
                telemetry._changed.Add(result.Actions.Count, new KeyValuePair<string, object?>("gen_ai.tool.name", tool));
            }
        }

        public void Dispose()
        {
            var tags = new TagList { { "gen_ai.tool.name", tool } };
            if (_error is not null)
            {
                tags.Add("error.type", _error);
                span?.SetTag("error.type", _error).SetStatus(ActivityStatusCode.Error);
            }

            telemetry._duration.Record(telemetry._clock.GetElapsedTime(began).TotalSeconds, tags);
            span?.Dispose();
        }
    }
}
