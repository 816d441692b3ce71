using System.Globalization;
using TodoFlow.Bench.Reports;

namespace TodoFlow.Bench.Growth;

/// <summary>The tables and the picture of what requests cost.</summary>
public static class GrowthTables
{
    private const int LongestStatement = 90;

    /// <summary>The tables, in Markdown; nothing where nothing was counted.</summary>
    public static string Write(IReadOnlyList<SizeCost> sizes, int tasksEach, int requests)
    {
        if (sizes.Count == 0)
        {
            return "";
        }

        var text = new StringWriter(CultureInfo.InvariantCulture);
        var (largest, tasks) = (sizes[^1].Requests, sizes[^1].Tasks);
        text.WriteLine($"Per request, the mean of {requests} one after the other, of users of {tasksEach:N0} tasks each. Blocks are of 8 KiB.");
        text.WriteLine();
        text.WriteLine($"| blocks that a request looks at | {string.Join(" | ", sizes.Select(size => $"at {size.Tasks:N0} tasks"))} | of them not in PostgreSQL's memory, at {tasks:N0} |");
        text.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", sizes.Count + 1))}");
        foreach (var row in largest)
        {
            text.WriteLine($"| {row.Name} | {string.Join(" | ", sizes.Select(size => size.Of(row.Name).Blocks.ToString("0.0", CultureInfo.InvariantCulture)))} | {row.BlocksRead:0.0} |");
        }

        text.WriteLine();
        text.WriteLine($"| at {tasks:N0} tasks | round trips | twin | statements | twin | blocks | twin | WAL bytes (images of blocks in them) | twin | the relay's: blocks | WAL bytes |");
        text.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var row in largest)
        {
            var twin = row.Twin;
            text.WriteLine(
                $"| {row.Name} | {row.RoundTrips:0.0} | {twin?.RoundTrips.ToString("0.0", CultureInfo.InvariantCulture)} | {row.Statements:0.0} | {twin?.Statements.ToString("0.0", CultureInfo.InvariantCulture)} | " +
                $"{row.Blocks:0.0}{Times(row.Blocks, twin?.Blocks)} | {twin?.Blocks.ToString("0.0", CultureInfo.InvariantCulture)} | {Wal(row)}{Times(row.WalBytes, twin?.WalBytes)} | {(twin is null ? "" : Wal(twin))} | {row.RelayBlocks:0.0} | {row.RelayWalBytes:0} |");
        }

        text.WriteLine();
        text.WriteLine($"Each statement of a request, at {tasks:N0} tasks:");
        text.WriteLine();
        text.WriteLine("| request | statement | a request | blocks | WAL bytes | in PostgreSQL (timed) |");
        text.WriteLine("|---|---|---:|---:|---:|---:|");
        foreach (var (row, statement) in largest.SelectMany(row => row.Dearest.Select(statement => (row, statement))))
        {
            text.WriteLine($"| {row.Name} | `{Short(statement.Text)}` | {(double)statement.Calls / requests:0.00} | {(double)statement.Blocks / requests:0.0} | {(double)statement.WalBytes / requests:0} | {statement.Milliseconds / requests:0.000} ms |");
        }

        return text.ToString();
    }

    /// <summary>The picture: blocks at every size, and the twin's at the largest; none where nothing was counted.</summary>
    public static string Draw(IReadOnlyList<SizeCost> sizes) => sizes.Count == 0 ? "" : BarChart.Draw(
        "Growth: blocks that PostgreSQL looks at for a request", "blocks of 8 KiB",
        [
            .. from row in sizes[0].Requests
               from bar in sizes.Select(size => (Series: $"{size.Tasks:N0} tasks", Blocks: size.Of(row.Name).Blocks)).Append((Series: "twin, at the most", Blocks: sizes[^1].Of(row.Name).Twin?.Blocks ?? 0))
               where bar.Blocks > 0
               select new Bar(row.Name, bar.Series, bar.Blocks, bar.Blocks.ToString("0.0", CultureInfo.InvariantCulture)),
        ],
        logarithmic: true);

    private static string Times(double own, double? twin) => twin > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({own / twin:0.0} ×)") : "";

    private static string Wal(RequestCost cost) => string.Create(CultureInfo.InvariantCulture, $"{cost.WalBytes:0}{(cost.WalImages >= 0.05 ? $" ({cost.WalImages:0.0})" : "")}");

    private static string Short(string statement)
    {
        var plain = statement.Replace('|', '¦').Replace('`', '\'');
        return plain.Length <= LongestStatement ? plain : $"{plain[..LongestStatement]}…";
    }
}
