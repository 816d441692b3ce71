using System.Globalization;
using System.Xml.Linq;
using TodoFlow.Bench.Reports;
using Xunit;

namespace TodoFlow.Tests.Unit.Bench;

/// <summary>The arithmetic over measurements, and how they are drawn.</summary>
public sealed class FiguresTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(50, 2)]
    [InlineData(75, 3)]
    [InlineData(76, 4)]
    [InlineData(100, 4)]
    public void A_percentile_is_the_nearest_rank(double percent, double expected) => Assert.Equal(expected, new double[] { 4, 1, 3, 2 }.Percentile(percent));

    [Fact]
    public void A_comparison_takes_each_value_by_the_twins_beside_it()
    {
        var comparison = Comparison.Of("create", "ms", [10, 40, 30], [10, 10, 10]);

        Assert.Equal((10, 30, 40, 40), (comparison.Least, comparison.P50, comparison.P99, comparison.Max));
        Assert.Equal((10, 10, 3), (comparison.TwinP50, comparison.TwinP99, comparison.TimesTwin));
    }

    [Theory]
    [InlineData(false, new[] { 2.0, 20.0, 200.0 })]
    [InlineData(true, new[] { 2.0, 20.0, 200.0 })]
    public void A_picture_is_well_formed_and_its_bars_are_as_long_as_their_values(bool logarithmic, double[] values)
    {
        var svg = XDocument.Parse(BarChart.Draw("a < b & c", "ms", [.. values.Select(value => new Bar("a \"group\"", $"series {value}", value, "<label>"))], logarithmic));

        XNamespace ns = "http://www.w3.org/2000/svg";
        var lengths = svg.Descendants(ns + "rect").Where(bar => (string?)bar.Attribute("x") == "300").Select(bar => double.Parse(bar.Attribute("width")!.Value, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal("a < b & c", svg.Root!.Element(ns + "title")!.Value);
        Assert.Equal(450, lengths[2]);
        Assert.Equal(logarithmic ? [45, 247.5] : [4.5, 45], lengths[..2]);
    }
}
