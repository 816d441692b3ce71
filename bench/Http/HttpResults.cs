using System.Globalization;
using TodoFlow.Bench.Reports;

namespace TodoFlow.Bench.Http;

/// <summary>All rounds of a workload.</summary>
/// <param name="Name">The workload.</param>
/// <param name="Target">The share of the twin's requests per second that it is to reach; null where none is set.</param>
/// <param name="Rounds">TodoFlow's rounds.</param>
/// <param name="TwinRounds">The twin's, in turn with them.</param>
public sealed record WorkloadResult(string Name, double? Target, IReadOnlyList<Round> Rounds, IReadOnlyList<Round> TwinRounds)
{
    /// <summary>TodoFlow's requests per second: the median of its rounds.</summary>
    public double PerSecond => Rounds.Select(round => round.RequestsPerSecond).Median();

    /// <summary>The twin's.</summary>
    public double TwinPerSecond => TwinRounds.Select(round => round.RequestsPerSecond).Median();

    /// <summary>The median of what a round reached of the twin's round next to it.</summary>
    public double Share => Rounds.Zip(TwinRounds, (ours, twins) => ours.RequestsPerSecond / twins.RequestsPerSecond).Median();

    /// <summary>TodoFlow's median time, milliseconds.</summary>
    public double P50 => Rounds.Select(round => round.P50).Median();

    /// <summary>The twin's.</summary>
    public double TwinP50 => TwinRounds.Select(round => round.P50).Median();

    /// <summary>TodoFlow's 99th percentile, milliseconds.</summary>
    public double P99 => Rounds.Select(round => round.P99).Median();

    /// <summary>The twin's.</summary>
    public double TwinP99 => TwinRounds.Select(round => round.P99).Median();

    /// <summary>How many times the twin's 99th percentile: the median of the rounds.</summary>
    public double P99Ratio => Rounds.Zip(TwinRounds, (ours, twins) => ours.P99 / twins.P99).Median();

    /// <summary>TodoFlow's processor time for a request, microseconds.</summary>
    public double Cpu => Rounds.Select(round => round.ServerCpu).Median();

    /// <summary>The twin's.</summary>
    public double TwinCpu => TwinRounds.Select(round => round.ServerCpu).Median();

    /// <summary>PostgreSQL's processor time for a request of TodoFlow's, microseconds; what consumers do meanwhile included.</summary>
    public double DatabaseCpu => Rounds.Select(round => round.DatabaseCpu).Median();

    /// <summary>For one of the twin's.</summary>
    public double TwinDatabaseCpu => TwinRounds.Select(round => round.DatabaseCpu).Median();

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name,-20} {PerSecond,6:0}/s, twin {TwinPerSecond,6:0}/s, share {Share:0.00}; p99 {P99:0.0} and {TwinP99:0.0} ms, {P99Ratio:0.00} times; CPU {Cpu:0} + {DatabaseCpu:0} and {TwinCpu:0} + {TwinDatabaseCpu:0} µs");
}

/// <summary>All workloads over one set of data.</summary>
public sealed record DataResult(int Users, int TasksEach, IReadOnlyList<WorkloadResult> Workloads)
{
    /// <summary>How many tasks there are.</summary>
    public int Tasks => Users * TasksEach;
}

/// <summary>Searches of a user among all of them, over few connections.</summary>
public sealed record SearchResult(string Name, Round Round);

/// <summary>The tables and the picture of the suite.</summary>
public static class HttpTables
{
    private const double P99Target = 1.5;
    private const double GrowthTarget = 0.9;
    private const double SearchP95Target = 10;

    /// <summary>The tables, in Markdown.</summary>
    public static string Write(
        DataResult small, DataResult large, IReadOnlyList<SearchResult> searches, int connections, int searchConnections, int rounds, int seconds)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"{connections} connections; {rounds} rounds of {seconds} s each, in turn with the twin's, after one to warm up; medians of the rounds.");
        foreach (var data in new[] { small, large })
        {
            text.WriteLine();
            text.WriteLine($"**{data.Users:N0} × {data.TasksEach:N0} = {data.Tasks:N0} tasks**");
            text.WriteLine();
            text.WriteLine($"| | requests/s | twin | share (target) | p50 | twin | p99 | twin | ratio (≤ {P99Target:0.0}) | CPU: server + database | twin |");
            text.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
            foreach (var row in data.Workloads)
            {
                text.WriteLine(
                    $"| {row.Name} | {row.PerSecond:N0} | {row.TwinPerSecond:N0} | {Mark(row.Share, row.Share >= (row.Target ?? 0))}{(row.Target is { } target ? $" (≥ {target:0.00})" : "")} | " +
                    $"{row.P50:0.0} ms | {row.TwinP50:0.0} ms | {row.P99:0.0} ms | {row.TwinP99:0.0} ms | {Mark(row.P99Ratio, row.Target is null || row.P99Ratio <= P99Target)} | " +
                    $"{row.Cpu:0} + {row.DatabaseCpu:0} µs | {row.TwinCpu:0} + {row.TwinDatabaseCpu:0} µs |");
            }
        }

        text.WriteLine();
        text.WriteLine($"**What {large.Tasks:N0} tasks leave of the rate at {small.Tasks:N0}** (target ≥ {GrowthTarget:0.0})");
        text.WriteLine();
        text.WriteLine("| | TodoFlow | twin |");
        text.WriteLine("|---|---:|---:|");
        foreach (var (before, after) in small.Workloads.Zip(large.Workloads))
        {
            var kept = after.PerSecond / before.PerSecond;
            text.WriteLine($"| {before.Name} | {Mark(kept, before.Target is null || kept >= GrowthTarget)} | {after.TwinPerSecond / before.TwinPerSecond:0.00} |");
        }

        text.WriteLine();
        text.WriteLine($"**Searches of a user of {large.TasksEach:N0} among {large.Tasks:N0}, {searchConnections} connections** (target: p95 < {SearchP95Target:0} ms)");
        text.WriteLine();
        text.WriteLine("| | searches/s | p50 | p95 | p99 |");
        text.WriteLine("|---|---:|---:|---:|---:|");
        foreach (var search in searches)
        {
            var bold = search.Round.P95 < SearchP95Target ? "" : "**";
            text.WriteLine($"| {search.Name} | {search.Round.RequestsPerSecond:N0} | {search.Round.P50:0.0} ms | {bold}{search.Round.P95:0.0} ms{bold} | {search.Round.P99:0.0} ms |");
        }

        text.WriteLine();
        text.WriteLine("Bold: missed.");
        return text.ToString();
    }

    /// <summary>The picture.</summary>
    public static string Draw(DataResult small, DataResult large) => BarChart.Draw(
        "HTTP: TodoFlow beside a raw twin", "requests per second",
        [
            .. from data in new[] { small, large }
               from row in data.Workloads
               from bar in new[]
               {
                   new Bar($"{row.Name}, {Count(data.Tasks)}", "TodoFlow", row.PerSecond, string.Create(CultureInfo.InvariantCulture, $"{row.PerSecond:N0} ({row.Share:0.00} of the twin's)")),
                   new Bar($"{row.Name}, {Count(data.Tasks)}", "twin", row.TwinPerSecond, string.Create(CultureInfo.InvariantCulture, $"{row.TwinPerSecond:N0}")),
               }
               select bar,
        ]);

    private static string Count(int tasks) => tasks >= 1_000_000 ? $"{tasks / 1_000_000}M" : $"{tasks / 1000}k";

    private static string Mark(double value, bool isMet) => isMet ? value.ToString("0.00", CultureInfo.InvariantCulture) : $"**{value.ToString("0.00", CultureInfo.InvariantCulture)}**";
}
