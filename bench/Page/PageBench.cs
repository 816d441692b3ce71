using System.Globalization;
using System.Text.Json;
using TodoFlow.Bench.Reports;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Page;

/// <summary>
/// The web app in Chromium, by the clock on the wall: a list of 10,000 tasks that is scrolled and filtered, the first paint of a warm start, and
/// how long a change takes to another device of the same user. <c>web/e2e/measure.mjs</c> asks the browser for its long tasks, events and paints;
/// its host is one process of HTTP. <c>web/e2e/devices.mjs</c> watches two devices; its host runs every function, with PostgreSQL between them.
/// </summary>
public static class PageBench
{
    private const double LongestTask = 50; // ms
    private const double LongestPaint = 300; // ms
    private const double LargestLoad = 100; // kB
    private const double LatestChange = 1000; // ms

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
        var rounds = options.Rounds ?? (options.IsQuick ? 1 : 5);
        var list = await Measure<LongList>("measure.mjs", rounds, options.Server, [.. BenchHost.HttpOnly(), ("Web__Root", dist)]);
        var devices = await Measure<Devices>("devices.mjs", 4 * rounds, options.Server, ("Events__Transport", "postgres"), ("Web__Root", dist));
        var measured = new Measured(list, devices);
        await new PerformancePage("page", machine, options.Command("page")).Publish(Table(measured), Picture(measured), measured, options.IsWhole);
    }

    // Runs a script with a host of its own.
    private static async Task<T> Measure<T>(string script, int rounds, string server, params (string Name, string Value)[] settings)
    {
        await using var host = await BenchHost.Start(server, settings);
        var output = await NodePackages.Run(
            Repository.PathOf("web"), "node", [("TODOFLOW_URL", host.Server.Address.GetLeftPart(UriPartial.Authority))], $"e2e/{script}", rounds.ToString(CultureInfo.InvariantCulture));
        return JsonSerializer.Deserialize<T>(output, Written)!;
    }

    private static string Table(Measured measured)
    {
        var (list, devices) = (measured.List, measured.Devices);
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"{list.Tasks:N0} tasks of one user; {list.Rounds} rounds after one to warm up, {list.Paints.Count} warm starts, {devices.Adding.Count} changes of each kind. Times in ms, by the clock on the wall.");
        text.WriteLine();
        text.WriteLine("| | limit | median | worst |");
        text.WriteLine("|---|---:|---:|---:|");
        text.WriteLine(Row("longest task of 50 ms or more while scrolling", LongestTask, Longest(list.Scrolling), "0"));
        text.WriteLine(Row("longest task of 50 ms or more while filtering, letter by letter", LongestTask, Longest(list.Filtering), "0"));
        text.WriteLine(Row("from a letter to the paint that shows it", double.NaN, [.. list.Filtering.Select(round => round.SlowestEvent)], "0"));
        text.WriteLine(Row("first paint of a warm start, with the service worker", LongestPaint, list.Paints, "0"));
        text.WriteLine(Row("from a task that is added on one device until another shows it", LatestChange, devices.Adding, "0"));
        text.WriteLine(Row("from a task that is completed on one device until another shows it", LatestChange, devices.Completing, "0"));
        text.WriteLine(Row("JavaScript of the first load, kB as gzip", LargestLoad, [list.FirstLoad.Bytes / 1000.0], "0.0"));
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
        "The web app with 10,000 tasks, and on two devices", "worst, ms",
        [
            Bar("scrolling", Longest(measured.List.Scrolling).Max()),
            Bar("filtering", Longest(measured.List.Filtering).Max()),
            Bar("from a letter to its paint", measured.List.Filtering.Max(round => round.SlowestEvent)),
            Bar("first paint, warm", measured.List.Paints.Max()),
            Bar("to another device", measured.Devices.Adding.Concat(measured.Devices.Completing).Max()),
        ]);

    private static Bar Bar(string what, double value) => new(what, "worst", value, string.Create(CultureInfo.InvariantCulture, $"{value:0} ms"));

    /// <summary>What was measured.</summary>
    /// <param name="List">One device with a long list.</param>
    /// <param name="Devices">Two devices.</param>
    private sealed record Measured(LongList List, Devices Devices);

    /// <summary>How long changes took, in milliseconds from the key until the other device showed it.</summary>
    /// <param name="Adding">Each task that was added.</param>
    /// <param name="Completing">Each task that was completed.</param>
    private sealed record Devices(IReadOnlyList<double> Adding, IReadOnlyList<double> Completing);

    /// <summary>What was seen of a long list.</summary>
    /// <param name="Tasks">The tasks in the list.</param>
    /// <param name="Rounds">How often it was scrolled and filtered.</param>
    /// <param name="Scrolling">What was seen of each round.</param>
    /// <param name="Filtering">What was seen of each round.</param>
    /// <param name="Paints">The first paint of each warm start, in milliseconds after its beginning.</param>
    /// <param name="FirstLoad">The JavaScript that a first load brings.</param>
    private sealed record LongList(int Tasks, int Rounds, IReadOnlyList<Seen> Scrolling, IReadOnlyList<Seen> Filtering, IReadOnlyList<double> Paints, Load FirstLoad);

    /// <summary>What the browser saw of a round.</summary>
    /// <param name="LongTasks">The tasks of 50 ms or more, in milliseconds.</param>
    /// <param name="SlowestEvent">The longest time from an event to the next paint, in milliseconds; 0 where none took 16.</param>
    private sealed record Seen(IReadOnlyList<double> LongTasks, double SlowestEvent);

    /// <summary>What a first load brings.</summary>
    /// <param name="Scripts">How many.</param>
    /// <param name="Bytes">How many bytes as gzip.</param>
    private sealed record Load(int Scripts, long Bytes);
}
