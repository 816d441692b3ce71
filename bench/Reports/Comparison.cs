using System.Globalization;

namespace TodoFlow.Bench.Reports;

/// <summary>What was measured, beside the twin's in turn with it.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Unit">The unit of its values.</param>
/// <param name="Least">TodoFlow's least.</param>
/// <param name="P50">TodoFlow's median.</param>
/// <param name="P99">TodoFlow's 99th percentile.</param>
/// <param name="Max">TodoFlow's most.</param>
/// <param name="TwinP50">The twin's median.</param>
/// <param name="TwinP99">The twin's 99th percentile.</param>
/// <param name="TimesTwin">The median of each value as a multiple of the twin's beside it.</param>
public sealed record Comparison(string Name, string Unit, double Least, double P50, double P99, double Max, double TwinP50, double TwinP99, double TimesTwin)
{
    /// <summary>Puts samples and the twin's, pair by pair, together.</summary>
    public static Comparison Of(string name, string unit, IReadOnlyList<double> own, IReadOnlyList<double> twins) => new(
        name, unit, own.Min(), own.Median(), own.Percentile(99), own.Max(), twins.Median(), twins.Percentile(99), own.Zip(twins, (one, twin) => one / twin).Median());

    /// <summary>The two medians as bars.</summary>
    /// <param name="group">What they are of.</param>
    public IEnumerable<Bar> Bars(string group) =>
    [
        new(group, "TodoFlow", P50, string.Create(CultureInfo.InvariantCulture, $"{P50:0.#} {Unit} ({TimesTwin:0.0} times the twin's)")),
        new(group, "twin", TwinP50, string.Create(CultureInfo.InvariantCulture, $"{TwinP50:0.#} {Unit}")),
    ];
}
