namespace TodoFlow.Bench.Reports;

/// <summary>Arithmetic over measurements.</summary>
public static class Samples
{
    /// <summary>The middle one.</summary>
    public static double Median(this IEnumerable<double> values) => Percentile(values, 50);

    /// <summary>The smallest value that at least so many percent of the values do not exceed (nearest rank).</summary>
    public static double Percentile(this IEnumerable<double> values, double percent)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
