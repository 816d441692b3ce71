using System.Globalization;
using System.Text;

namespace TodoFlow.Infrastructure.Observability;

/// <summary>
/// Prometheus' text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats), with the names that OpenTelemetry gives to
/// its instruments there (opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics).
/// </summary>
internal static class PrometheusText
{
    /// <summary>The media type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes metrics in the order of their names; one without values is described all the same.</summary>
    public static string Write(IEnumerable<Metric> metrics)
    {
        var text = new StringBuilder(64 * 1024);
        foreach (var metric in metrics.OrderBy(metric => metric.Name, StringComparer.Ordinal))
        {
            text.Append("# HELP ").Append(metric.Name).Append(' ').Append(EscapeHelp(metric.Help)).Append('\n');
            text.Append("# TYPE ").Append(metric.Name).Append(' ').Append(metric.Kind.ToString().ToLowerInvariant()).Append('\n');
            foreach (var series in metric.Current)
            {
                if (metric.Kind == MetricKind.Histogram)
                {
                    WriteHistogram(text, metric, series);
                }
                else
                {
                    WriteLine(text, metric.Name, "", series.Labels, null, Number(series.Value));
                }
            }
        }

        return text.ToString();
    }

    /// <summary>The name of a metric: dots become underscores, the unit is written out, a counter ends in <c>_total</c>.</summary>
    public static string Name(string instrument, string? unit, MetricKind kind)
    {
        var name = Sanitize(instrument);
        var suffix = unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "1" when kind == MetricKind.Gauge => "_ratio",
            _ => "", // an annotation such as {request} is none
        };
        if (!name.EndsWith(suffix, StringComparison.Ordinal))
        {
            name += suffix;
        }

        return kind == MetricKind.Counter && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    /// <summary>Tags as labels, in the order of their names. Tags whose names become the same are one label, as OpenTelemetry has it.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in tags)
        {
            var label = Sanitize(name);
            var text = EscapeValue(value switch
            {
                null => "",
                bool flag => flag ? "true" : "false",
                IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
                _ => value.ToString() ?? "",
            });
            labels[label] = labels.TryGetValue(label, out var before) ? $"{before};{text}" : text;
        }

        return string.Join(',', labels.Select(label => $"{label.Key}=\"{label.Value}\""));
    }

    private static void WriteHistogram(StringBuilder text, Metric metric, Series series)
    {
        var counts = series.Counts;
        var count = 0L;
        for (var bucket = 0; bucket < metric.Bounds.Count; bucket++)
        {
            count += counts[bucket];
            WriteLine(text, metric.Name, "_bucket", series.Labels, Number(metric.Bounds[bucket]), Number(count));
        }

        count += counts[^1];
        WriteLine(text, metric.Name, "_bucket", series.Labels, "+Inf", Number(count));
        WriteLine(text, metric.Name, "_sum", series.Labels, null, Number(series.Value));
        WriteLine(text, metric.Name, "_count", series.Labels, null, Number(count));
    }

    private static void WriteLine(StringBuilder text, string name, string suffix, string labels, string? bound, string value)
    {
        text.Append(name).Append(suffix);
        if (labels.Length > 0 || bound is not null)
        {
            text.Append('{').Append(labels);
            if (bound is not null)
            {
                text.Append(labels.Length > 0 ? "," : "").Append("le=\"").Append(bound).Append('"');
            }

            text.Append('}');
        }

        text.Append(' ').Append(value).Append('\n');
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture), // NaN is NaN
    };

    private static string Sanitize(string name) => string.Create(name.Length, name, static (characters, name) =>
    {
        for (var index = 0; index < characters.Length; index++)
        {
            characters[index] = char.IsAsciiLetter(name[index]) || (index > 0 && char.IsAsciiDigit(name[index])) ? name[index] : '_';
        }
    });

    private static string EscapeHelp(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string EscapeValue(string text) => EscapeHelp(text).Replace("\"", "\\\"", StringComparison.Ordinal);
}
