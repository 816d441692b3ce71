using System.Globalization;
using TodoFlow.Bench.Reports;

namespace TodoFlow.Bench.Start;

/// <summary>
/// The published standalone host, compiled ahead: how long a start takes until the first 200 of <c>/health/ready</c>, which asks the
/// database, how long the first requests after it take, how much memory it has idle and under load, and how large it is. Beside it, in
/// turn, the raw twin, published the same way.
/// </summary>
public static class StartBench
{
    private const int WarmUps = 2;
    private const double ReadyTarget = 400, IdleTarget = 130, LoadedTarget = 300;

    // As in the image; and it logs what it logs by default.
    private static readonly (string Name, string Value)[] Settings = [("DOTNET_EnableDiagnostics", "0"), ("Logging__LogLevel__Default", "Information")];

    /// <summary>Measures both.</summary>
    public static async Task Run(BenchOptions options)
    {
        var machine = await Machine.Describe(options.Server);
        var starts = options.Rounds ?? (options.IsQuick ? 5 : 20);
        var (rests, rest) = options.IsQuick ? (1, TimeSpan.FromSeconds(3)) : (3, TimeSpan.FromSeconds(10));
        var load = TimeSpan.FromSeconds(options.Seconds ?? (options.IsQuick ? 5 : 30));
        var database = await BenchDatabase.Create(options.Server);
        var users = await BenchDatabase.AddUsers(database, 2);
        var (host, twin) = (Published("TODOFLOW_BENCH_PUBLISHED"), Published("TODOFLOW_BENCH_PUBLISHED_TWIN"));
        var own = new StartContender(host, users[0], () => BenchHost.Launch(Path.Combine(host, "TodoFlow.Host"), database, Settings));
        var other = new StartContender(twin, users[1], () => RawTwin.Start(Path.Combine(twin, "TodoFlow.RawTwin"), database, Settings));
        for (var i = 0; i < WarmUps; i++)
        {
            await own.Start(isWarmUp: true);
            await other.Start(isWarmUp: true);
        }

        for (var i = 0; i < starts; i++)
        {
            await (i % 2 == 0 ? own : other).Start(isWarmUp: false);
            await (i % 2 == 0 ? other : own).Start(isWarmUp: false);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  start {i + 1}: {own.Ready[^1]:0} ms, {own.Processor[^1]:0} ms of processor; twin {other.Ready[^1]:0} and {other.Processor[^1]:0} ms"));
        }

        var bench = own.Bench.Median();
        for (var i = 0; i < rests; i++)
        {
            await Task.WhenAll(own.Rest(rest), other.Rest(rest));
        }

        await own.Load(load);
        await other.Load(load);
        await BenchDatabase.Drop(options.Server, database);
        List<Comparison> times =
        [
            Comparison.Of("from the start to the first 200", "ms", own.Ready, other.Ready),
            Comparison.Of("processor time until then, of all cores", "ms", own.Processor, other.Processor),
            Comparison.Of("first list, right after it", "ms", own.FirstList, other.FirstList),
            Comparison.Of("first new task, right after that", "ms", own.FirstTask, other.FirstTask),
        ];
        List<Comparison> sizes =
        [
            Comparison.Of($"resident, idle for {rest.TotalSeconds:0} s after a list", "MB", own.Idle, other.Idle),
            Comparison.Of($"resident, most in {load.TotalSeconds:0} s of load", "MB", [own.Loaded], [other.Loaded]),
            Comparison.Of("published folder", "MB", [own.Published], [other.Published]),
        ];
        var page = new PerformancePage("start", machine, options.Command("start"));
        var figures = new { Starts = starts, Times = times, Sizes = sizes, own.RequestsPerSecond, TwinRequestsPerSecond = other.RequestsPerSecond, BenchProcessorMilliseconds = bench };
        await page.Publish(
            Tables(times, sizes, string.Create(CultureInfo.InvariantCulture, $"{starts} starts each, in turn, after {WarmUps}; the bench itself used {bench:0} ms of processor time meanwhile. Load: 16 clients, one new task to four lists; TodoFlow answered {own.RequestsPerSecond:N0} requests/s, the twin {other.RequestsPerSecond:N0}.")),
            BarChart.Draw("Start and size, beside a raw twin", "medians", [.. times.Concat(sizes).SelectMany(row => row.Bars(row.Name))], logarithmic: true),
            figures, options.IsWhole);
    }

    private static string Published(string name) => Environment.GetEnvironmentVariable(name)
        ?? throw new InvalidOperationException($"{name} names no published program. ./todoflow bench start makes one.");

    private static string Tables(List<Comparison> times, List<Comparison> sizes, string how)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine(how);
        text.WriteLine();
        text.WriteLine("| milliseconds | target | least | median | max | twin's median | times the twin's |");
        text.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
        double?[] targets = [ReadyTarget, null, null, null];
        foreach (var (row, target) in times.Zip(targets))
        {
            text.WriteLine($"| {row.Name} | {Limit(target)} | {row.Least:0} | {Mark(row.P50, target)} | {row.Max:0} | {row.TwinP50:0} | {row.TimesTwin:0.0} |");
        }

        text.WriteLine();
        text.WriteLine("| megabytes | target | TodoFlow | twin | times the twin's |");
        text.WriteLine("|---|---:|---:|---:|---:|");
        targets = [IdleTarget, LoadedTarget, null];
        foreach (var (row, target) in sizes.Zip(targets))
        {
            text.WriteLine($"| {row.Name} | {Limit(target)} | {Mark(row.P50, target)} | {row.TwinP50:0} | {row.TimesTwin:0.0} |");
        }

        text.WriteLine();
        text.WriteLine("Bold: missed.");
        return text.ToString();
    }

    private static string Limit(double? target) => target is null ? "" : string.Create(CultureInfo.InvariantCulture, $"≤ {target:0}");

    private static string Mark(double value, double? target) => string.Create(CultureInfo.InvariantCulture, $"{(value > target ? "**" : "")}{value:0}{(value > target ? "**" : "")}");
}
