using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Sdk;

namespace TodoFlow.Tests.Support;

/// <summary>What GET /metrics answered, read as Prometheus' text format 0.0.4.</summary>
public sealed partial class ScrapedMetrics
{
    private readonly List<(string Name, Dictionary<string, string> Labels, double Value)> _samples = [];

    /// <summary>Reads every line; fails the test where one is not of the format.</summary>
    public ScrapedMetrics(string text)
    {
        Text = text;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#')))
        {
            var match = Sample().Match(line);
            if (!match.Success)
            {
                throw new XunitException($"No sample of the text format: {line}");
            }

            _samples.Add((
                match.Groups["name"].Value,
                Label().Matches(match.Groups["labels"].Value).ToDictionary(label => label.Groups[1].Value, label => label.Groups[2].Value),
                match.Groups["value"].Value is "+Inf" ? double.PositiveInfinity : double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>The text.</summary>
    public string Text { get; }

    /// <summary>The names of the samples.</summary>
    public IReadOnlySet<string> Names => _samples.Select(sample => sample.Name).ToHashSet();

    /// <summary>The labels of a metric's samples.</summary>
    public IReadOnlySet<string> LabelsOf(string name) => _samples.Where(sample => sample.Name == name).SelectMany(sample => sample.Labels.Keys).ToHashSet();

    /// <summary>The sum of the samples that have these labels; fails the test where there is none.</summary>
    public double Value(string name, params (string Name, string Value)[] labels)
    {
        var found = _samples.Where(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Name) == label.Value)).ToList();
        return found.Count > 0 ? found.Sum(sample => sample.Value) : throw new XunitException($"No sample of {name}{{{string.Join(',', labels)}}} in:\n{Text}");
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*",?)*)\})? (?<value>[-+]?(Inf|NaN|[0-9.eE+-]+))$""")]
    private static partial Regex Sample();

    [GeneratedRegex("""([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)""")]
    private static partial Regex Label();
}
