using System.Globalization;
using System.Text.Json;
using TodoFlow.Bench.Reports;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Page;

/// <summary>
/// The web app in Chromium, by the clock on the wall: a list of 10,000 tasks that is scrolled and filtered, and the first paint of a warm start.
/// <c>web/e2e/measure.mjs</c> asks the browser for its long tasks, events and paints; the host is one process of HTTP.
/// </summary>
public static class PageBench
{
    private const double LongestTask = 50; // ms
    private const double LongestPaint = 300; // ms
    private const double LargestLoad = 100; // kB

    private static readonly JsonSerializerOptions Written = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Measures it.</summary>
    public static async Task Run(BenchOptions options)
    {
        var dist = Repository.PathOf("web/dist");
        if (!File.Exists(Path.Combine(dist, "index.html")))
        {
            throw new ArgumentException("The page is not built: it needs Node with npm.");
        }

        var machine = await Machine.Describe(options.Server);
        await using var host = await BenchHost.Start(options.Server, [.. BenchHost.HttpOnly(), ("Web__Root", dist)]);
        var measured = await Measure(host.Server.Address, options.Rounds ?? (options.IsQuick ? 1 : 5));
        await new PerformancePage("page", machine, options.Command("page")).Publish(Table(measured), Picture(measured), measured, options.IsWhole);
    }

    private static async Task<Measured> Measure(Uri address, int rounds)
    {
        var output = await NodePackages.Run(
            Repository.PathOf("web"), "node", [("TODOFLOW_URL", address.GetLeftPart(UriPartial.Authority))], "e2e/measure.mjs", rounds.ToString(CultureInfo.InvariantCulture));
        return JsonSerializer.Deserialize<Measured>(output, Written)!;
    }

    private static string Table(Measured measured)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"{measured.Tasks:N0} tasks of one user; {measured.Rounds} rounds after one to warm up, {measured.Paints.Count} warm starts. Times in ms, by the clock on the wall.");
        text.WriteLine();
        text.WriteLine("| | limit | median | worst |");
        text.WriteLine("|---|---:|---:|---:|");
        text.WriteLine(Row("longest task of 50 ms or more while scrolling", LongestTask, Longest(measured.Scrolling), "0"));
        text.WriteLine(Row("longest task of 50 ms or more while filtering, letter by letter", LongestTask, Longest(measured.Filtering), "0"));
        text.WriteLine(Row("from a letter to the paint that shows it", double.NaN, [.. measured.Filtering.Select(round => round.SlowestEvent)], "0"));
        text.WriteLine(Row("first paint of a warm start, with the service worker", LongestPaint, measured.Paints, "0"));
        text.WriteLine(Row("JavaScript of the first load, kB as gzip", LargestLoad, [measured.FirstLoad.Bytes / 1000.0], "0.0"));
        return text.ToString();
    }

    private static List<double> Longest(IEnumerable<Seen> rounds) => [.. rounds.Select(round => round.LongTasks.DefaultIfEmpty(0).Max())];

    private static string Row(string what, double limit, IReadOnlyList<double> values, string format)
    {
        var (median, worst) = (values.Median(), values.Max());
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {what} | {(double.IsNaN(limit) ? "" : $"≤ {limit}")} | {median.ToString(format, CultureInfo.InvariantCulture)} | {(worst > limit ? $"**{worst.ToString(format, CultureInfo.InvariantCulture)}**" : worst.ToString(format, CultureInfo.InvariantCulture))} |");
    }

    private static string Picture(Measured measured) => BarChart.Draw(
        "The web app with 10,000 tasks", "worst, ms",
        [
            Bar("scrolling", Longest(measured.Scrolling).Max()),
            Bar("filtering", Longest(measured.Filtering).Max()),
            Bar("from a letter to its paint", measured.Filtering.Max(round => round.SlowestEvent)),
            Bar("first paint, warm", measured.Paints.Max()),
        ]);

    private static Bar Bar(string what, double value) => new(what, "worst", value, string.Create(CultureInfo.InvariantCulture, $"{value:0} ms"));

    /// <summary>What the script writes.</summary>
    /// <param name="Tasks">The tasks in the list.</param>
    /// <param name="Rounds">How often it was scrolled and filtered.</param>
    /// <param name="Scrolling">What was seen of each round.</param>
    /// <param name="Filtering">What was seen of each round.</param>
    /// <param name="Paints">The first paint of each warm start, in milliseconds after its beginning.</param>
    /// <param name="FirstLoad">The JavaScript that a first load brings.</param>
    private sealed record Measured(int Tasks, int Rounds, IReadOnlyList<Seen> Scrolling, IReadOnlyList<Seen> Filtering, IReadOnlyList<double> Paints, Load FirstLoad);

    /// <summary>What the browser saw of a round.</summary>
    /// <param name="LongTasks">The tasks of 50 ms or more, in milliseconds.</param>
    /// <param name="SlowestEvent">The longest time from an event to the next paint, in milliseconds; 0 where none took 16.</param>
    private sealed record Seen(IReadOnlyList<double> LongTasks, double SlowestEvent);

    /// <summary>What a first load brings.</summary>
    /// <param name="Scripts">How many.</param>
    /// <param name="Bytes">How many bytes as gzip.</param>
    private sealed record Load(int Scripts, long Bytes);
}
