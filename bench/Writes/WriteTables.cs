using System.Globalization;
using TodoFlow.Bench.Growth;
using TodoFlow.Bench.Reports;

namespace TodoFlow.Bench.Writes;

/// <summary>What a kind of new task costs, until the last consumer is through.</summary>
/// <param name="Name">The kind.</param>
/// <param name="Tasks">How many were counted.</param>
/// <param name="RoundTrips">How often any of the host's connections waited for PostgreSQL, per task.</param>
/// <param name="Processor">The processor time of PostgreSQL's processes, in microseconds per task: timed.</param>
/// <param name="Writes">What was written, per task.</param>
/// <param name="Statements">The statements, of all tasks.</param>
public sealed record WriteCost(
    string Name, int Tasks, double RoundTrips, double Processor, IReadOnlyList<TableWrites> Writes, IReadOnlyList<StatementCost> Statements)
{
    /// <summary>The sum of something over all tables, or over those of one part.</summary>
    public double Sum(Func<TableWrites, double> of, string? part = null) => Writes.Where(write => part is null || write.Part == part).Sum(of);

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name}: {RoundTrips:0.0} round trips, {Sum(write => write.RowsAdded):0.0} rows added, {Sum(write => write.RowsChanged):0.0} changed, {Sum(write => write.Entries):0.0} entries, {Sum(write => write.Bytes):0} bytes of WAL, {Processor:0} µs");
}

/// <summary>The tables and the picture of what a new task writes.</summary>
public static class WriteTables
{
    private const int LongestStatement = 110;

    private static readonly string[] Parts = ["request", "relay", "consumers", "housekeeping"];

    /// <summary>The tables, in Markdown.</summary>
    public static string Write(IReadOnlyList<WriteCost> costs)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"Per task, the mean of {costs[0].Tasks} one after the other. *Entries* are those of B-trees; *GIN* are writes to such an index.");
        text.WriteLine();
        text.WriteLine("| a new task | round trips, of all | rows added | changed (in place) | locked | entries | GIN | WAL bytes | of the request | of the relay | of the consumers | PostgreSQL's processor time (timed) |");
        text.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var cost in costs)
        {
            text.WriteLine(
                $"| {cost.Name} | {cost.RoundTrips:0.0} | {cost.Sum(write => write.RowsAdded):0.0} | {cost.Sum(write => write.RowsChanged):0.0} ({cost.Sum(write => write.InPlace):0.0}) | {cost.Sum(write => write.RowsLocked):0.0} | " +
                $"{cost.Sum(write => write.Entries):0.0} | {cost.Sum(write => write.GinPages):0.0} | {cost.Sum(write => write.Bytes):0} | {Bytes(cost, "request")} | {Bytes(cost, "relay")} | {Bytes(cost, "consumers")} | {cost.Processor:0} µs |");
        }

        var last = costs[^1];
        text.WriteLine();
        text.WriteLine($"| {last.Name}: who | table | rows added | changed (in place) | locked | entries | GIN | WAL bytes |");
        text.WriteLine("|---|---|---:|---:|---:|---:|---:|---:|");
        foreach (var write in last.Writes.Where(write => write.Bytes >= 0.5))
        {
            text.WriteLine($"| {write.Part} | {write.Table} | {write.RowsAdded:0.0} | {write.RowsChanged:0.0} ({write.InPlace:0.0}) | {write.RowsLocked:0.0} | {write.Entries:0.0} | {write.GinPages:0.0} | {write.Bytes:0} |");
        }

        text.WriteLine();
        text.WriteLine($"| {last.Name}: statement | a task | blocks | WAL bytes | in PostgreSQL (timed) |");
        text.WriteLine("|---|---:|---:|---:|---:|");
        foreach (var statement in last.Statements.Where(statement => statement.Milliseconds / last.Tasks >= 0.005 && statement.Calls >= last.Tasks / 100)) // rarer ones are the benchmark's own
        {
            text.WriteLine($"| `{Short(statement.Text)}` | {(double)statement.Calls / last.Tasks:0.00} | {(double)statement.Blocks / last.Tasks:0.0} | {(double)statement.WalBytes / last.Tasks:0} | {statement.Milliseconds / last.Tasks * 1000:0} µs |");
        }

        return text.ToString();
    }

    /// <summary>The picture: bytes of the write-ahead log, by who wrote them.</summary>
    public static string Draw(IReadOnlyList<WriteCost> costs) => BarChart.Draw(
        "What a new task writes, until the last consumer is through", "bytes of the write-ahead log",
        [
            .. from cost in costs
               from part in Parts
               let bytes = cost.Sum(write => write.Bytes, part)
               where bytes >= 0.5
               select new Bar(cost.Name, part, bytes, bytes.ToString("0", CultureInfo.InvariantCulture)),
        ]);

    private static string Bytes(WriteCost cost, string part) => cost.Sum(write => write.Bytes, part).ToString("0", CultureInfo.InvariantCulture);

    private static string Short(string statement)
    {
        var plain = statement.Replace('|', '¦').Replace('`', '\'');
        return plain.Length <= LongestStatement ? plain : $"{plain[..LongestStatement]}…";
    }
}
