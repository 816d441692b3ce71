using System.Globalization;
using TodoFlow.Bench.Reports;

namespace TodoFlow.Bench.Http;

/// <summary>The tables and the picture of the suite.</summary>
public static class HttpTables
{
    /// <summary>The names of those who are measured.</summary>
    public const string TodoFlow = "TodoFlow", RawTwin = "raw twin", NeutralTwin = "neutral twin", Fastify = "Fastify + pg";

    private const double P99Target = 1.5;
    private const double GrowthTarget = 0.9;
    private const double SearchP95Target = 10;

    /// <summary>The tables, in Markdown.</summary>
    /// <param name="data">By size.</param>
    /// <param name="how">How it was measured.</param>
    /// <param name="searchConnections">Over how many connections searches were timed once more.</param>
    public static string Write(IReadOnlyList<DataResult> data, string how, int searchConnections)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine(how);
        foreach (var size in data)
        {
            WriteSize(text, size);
        }

        if (data.Count > 1)
        {
            WriteGrowth(text, data[0], data[^1]);
        }

        if (data[^1].Searches.Count > 0)
        {
            WriteSearches(text, data[^1], searchConnections);
        }

        text.WriteLine();
        text.WriteLine("Bold: missed.");
        return text.ToString();
    }

    /// <summary>The picture.</summary>
    public static string Draw(IReadOnlyList<DataResult> data) => BarChart.Draw(
        "HTTP: TodoFlow beside its twins", "requests per second",
        [
            .. from size in data
               from row in size.Workloads
               from own in row.Measured
               select new Bar($"{row.Name}, {Count(size.Tasks)}", own.Name, own.PerSecond, string.Create(CultureInfo.InvariantCulture, $"{own.PerSecond:N0}")),
        ]);

    private static void WriteSize(StringWriter text, DataResult size)
    {
        text.WriteLine();
        text.WriteLine($"**{size.Users:N0} × {size.TasksEach:N0} = {size.Tasks:N0} tasks**");
        text.WriteLine();
        text.WriteLine($"| | requests/s | p50 | p99 | CPU: server + PostgreSQL | share of the neutral twin's rate (goal) | its CPU | {Fastify}: its share | its CPU | share of the raw twin's rate (target) | p99 as a multiple (≤ {P99Target:0.0}) | its CPU |");
        text.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var row in size.Workloads)
        {
            var own = row.TodoFlow;
            var ratio = row.Of(RawTwin) is { } twin ? own.P99RatioTo(twin) : (double?)null;
            text.WriteLine(
                $"| {row.Name} | {own.PerSecond:N0} | {own.P50:0.0} ms | {own.P99:0.0} ms | {Cpu(own)} | {Share(row.ShareOfNeutralTwin, row.Goal)} | {Cpu(row.Of(NeutralTwin))} | " +
                $"{Share(row.FastifysShare, null)} | {Cpu(row.Of(Fastify))} | {Share(row.ShareOfRawTwin, row.Target)} | " +
                $"{(ratio is { } times ? Mark(times, row.Target is null || times <= P99Target) : "")} | {Cpu(row.Of(RawTwin))} |");
        }
    }

    private static void WriteGrowth(StringWriter text, DataResult small, DataResult large)
    {
        text.WriteLine();
        text.WriteLine($"**What {large.Tasks:N0} tasks leave of the rate at {small.Tasks:N0}** (target ≥ {GrowthTarget:0.0})");
        text.WriteLine();
        text.WriteLine($"| | {TodoFlow} | {RawTwin} | {NeutralTwin} | {Fastify} |");
        text.WriteLine("|---|---:|---:|---:|---:|");
        foreach (var (before, after) in small.Workloads.Join(large.Workloads, row => row.Name, row => row.Name, (before, after) => (before, after)))
        {
            var kept = after.TodoFlow.PerSecond / before.TodoFlow.PerSecond;
            text.WriteLine($"| {before.Name} | {Mark(kept, kept >= GrowthTarget)} | {Kept(RawTwin)} | {Kept(NeutralTwin)} | {Kept(Fastify)} |");

            string Kept(string name) => before.Of(name) is { } one && after.Of(name) is { } other ? Mark(other.PerSecond / one.PerSecond, true) : "";
        }
    }

    private static void WriteSearches(StringWriter text, DataResult large, int connections)
    {
        text.WriteLine();
        text.WriteLine($"**Searches of a user of {large.TasksEach:N0} among {large.Tasks:N0}, {connections} connections** (target: p95 < {SearchP95Target:0} ms)");
        text.WriteLine();
        text.WriteLine("| | searches/s | p50 | p95 | p99 |");
        text.WriteLine("|---|---:|---:|---:|---:|");
        foreach (var search in large.Searches)
        {
            var bold = search.Round.P95 < SearchP95Target ? "" : "**";
            text.WriteLine($"| {search.Name} | {search.Round.RequestsPerSecond:N0} | {search.Round.P50:0.0} ms | {bold}{search.Round.P95:0.0} ms{bold} | {search.Round.P99:0.0} ms |");
        }
    }

    private static string Cpu(Measured? own) => own is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{own.Cpu:0} + {own.DatabaseCpu:0} µs");

    private static string Share(double? share, double? least) => share is not { } value
        ? ""
        : $"{Mark(value, value >= (least ?? 0))}{(least is { } goal ? string.Create(CultureInfo.InvariantCulture, $" (≥ {goal:0.00})") : "")}";

    private static string Count(int tasks) => tasks >= 1_000_000 ? $"{tasks / 1_000_000}M" : $"{tasks / 1000}k";

    private static string Mark(double value, bool isMet) => isMet ? value.ToString("0.00", CultureInfo.InvariantCulture) : $"**{value.ToString("0.00", CultureInfo.InvariantCulture)}**";
}
