using System.Globalization;
using System.Net;
using System.Text;

namespace TodoFlow.Bench.Reports;

/// <summary>One bar.</summary>
/// <param name="Group">The bars of a group stand together.</param>
/// <param name="Series">What it is a bar of; one colour each.</param>
/// <param name="Value">Its length.</param>
/// <param name="Label">What is written behind it.</param>
public sealed record Bar(string Group, string Series, double Value, string Label);

/// <summary>Draws horizontal bars as SVG, readable on a light and on a dark page.</summary>
public static class BarChart
{
    private const int Width = 940, Left = 300, Right = 190, BarHeight = 15, Gap = 12, Top = 64;

    private static readonly string[] Colours = ["#2f6fde", "#9aa4b2", "#d9822b", "#3a9d5d", "#a855b5"];

    /// <summary>Draws the bars in their order. Where values lie far apart, say so by <paramref name="logarithmic"/>.</summary>
    public static string Draw(string title, string unit, IReadOnlyList<Bar> bars, bool logarithmic = false)
    {
        var series = bars.Select(bar => bar.Series).Distinct().ToList();
        var groups = bars.GroupBy(bar => bar.Group).ToList();
        var height = Top + groups.Sum(group => group.Count() * BarHeight + Gap) + 16;
        var (smallest, longest) = (bars.Where(bar => bar.Value > 0).Min(bar => bar.Value), bars.Max(bar => bar.Value));
        var svg = new StringBuilder().Append(CultureInfo.InvariantCulture,
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" width="{Width}" height="{height}" font-family="system-ui, sans-serif" font-size="12" role="img">
            <title>{Text(title)}</title>
            <rect width="{Width}" height="{height}" rx="6" fill="#ffffff"/>
            <text x="16" y="24" font-size="15" font-weight="600" fill="#1d2330">{Text(title)}</text>

            """);
        var x = 16;
        for (var i = 0; i < series.Count; i++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x}\" y=\"37\" width=\"10\" height=\"10\" fill=\"{Colours[i % Colours.Length]}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + 15}\" y=\"46\" fill=\"#1d2330\">{Text(series[i])}</text>\n");
            x += 36 + series[i].Length * 7;
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width - 16}\" y=\"46\" text-anchor=\"end\" fill=\"#5a6372\">{Text(unit)}{(logarithmic ? ", logarithmic" : "")}</text>\n");
        var y = Top;
        foreach (var group in groups)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 10}\" y=\"{y + group.Count() * BarHeight / 2 + 4}\" text-anchor=\"end\" fill=\"#1d2330\">{Text(group.Key)}</text>\n");
            foreach (var bar in group)
            {
                var share = logarithmic ? LogShare(bar.Value, smallest, longest) : bar.Value / longest;
                var length = Math.Max(1, share * (Width - Left - Right));
                svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Left}\" y=\"{y + 1}\" width=\"{length:0.0}\" height=\"{BarHeight - 2}\" fill=\"{Colours[series.IndexOf(bar.Series) % Colours.Length]}\"/>");
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left + length + 6:0.0}\" y=\"{y + 11}\" font-size=\"11\" fill=\"#5a6372\">{Text(bar.Label)}</text>\n");
                y += BarHeight;
            }

            y += Gap;
        }

        return svg.Append("</svg>\n").ToString();
    }

    // The shortest bar keeps a tenth of the room.
    private static double LogShare(double value, double smallest, double longest) =>
        value <= 0 ? 0 : longest <= smallest ? 1 : 0.1 + 0.9 * Math.Log(value / smallest) / Math.Log(longest / smallest);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
