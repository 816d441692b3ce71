using System.Globalization;
using TodoFlow.Bench.Pipeline;
using TodoFlow.Messaging.Outbox;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Growth;

/// <summary>
/// How the pipeline's speed grows with what it may do side by side: shards of the outbox, and partitions of Kafka's topics. How many shards
/// there are is fixed (<see cref="TodoFlow.Messaging.Outbox.Shards"/>); fewer are measured by tasks whose ids fall into some of them only.
/// </summary>
public static class ShardBench
{
    private static readonly int[] ShardCounts = [1, 4, Shards.Count];
    private static readonly int[] PartitionCounts = [1, 4, 16];

    /// <summary>Measures both.</summary>
    public static async Task<List<ShardResult>> Run(string server, int tasks)
    {
        var results = new List<ShardResult>();
        foreach (var shards in ShardCounts)
        {
            results.Add(await Measure(server, "postgres", shards, "shards", tasks, shards, ("Events__Transport", "postgres")));
        }

        foreach (var partitions in PartitionCounts)
        {
            using var kafka = KafkaCluster.StartMock();
            results.Add(await Measure(server, "kafka", partitions, "partitions", tasks, Shards.Count, await PipelineBench.Use(kafka, partitions)));
        }

        return results;
    }

    /// <summary>The table, in Markdown; nothing where nothing was measured.</summary>
    public static string Table(IReadOnlyList<ShardResult> results)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        if (results.Count == 0)
        {
            return "";
        }

        text.WriteLine();
        text.WriteLine("**Shards and partitions**: events a second, each part in a process of its own with a backlog to work off, by how many shards or partitions they are spread over; in brackets as a multiple of the first row of its transport. The relay to PostgreSQL numbers all shards under one lock; the one to Kafka works on shards side by side.");
        text.WriteLine();
        text.WriteLine("| | relay | `RecordAudit` |");
        text.WriteLine("|---|---:|---:|");
        foreach (var transport in results.GroupBy(result => result.Transport))
        {
            foreach (var result in transport)
            {
                text.WriteLine($"| {result.Name} | {Times(result.RelayPerSecond, transport.First().RelayPerSecond)} | {Times(result.AuditPerSecond, transport.First().AuditPerSecond)} |");
            }
        }

        return text.ToString();
    }

    private static string Times(double perSecond, double first) => string.Create(CultureInfo.InvariantCulture, $"{perSecond:N0} ({perSecond / first:0.0})");

    private static async Task<ShardResult> Measure(string server, string transport, int width, string of, int tasks, int shards, params (string Name, string Value)[] settings)
    {
        var database = await BenchDatabase.Create(server);
        var pipeline = await Pipeline.Pipeline.Over(database);
        await using (var host = await BenchHost.StartOn(database, settings))
        {
            await pipeline.Create([host], 100, 1); // what the backlog is copied from
        }

        await BenchDatabase.Execute(database, "drop trigger tell_effects on audit_entry");
        await using var backlog = new Backlog(database, pipeline.User, settings);
        var name = $"{transport}, {width} {(width == 1 ? of[..^1] : of)}";
        Console.WriteLine($"{name}:");
        var (relay, audit) = await backlog.InShards(tasks, shards);
        await BenchDatabase.Drop(server, database);
        return new(transport, name, relay.PerSecond, audit.PerSecond);
    }
}

/// <summary>How fast the pipeline is over so many shards or partitions.</summary>
/// <param name="Transport">What carries the events.</param>
/// <param name="Name">How many of which.</param>
/// <param name="RelayPerSecond">Events a second that the relay publishes.</param>
/// <param name="AuditPerSecond">Events a second that the audit trail takes up.</param>
public sealed record ShardResult(string Transport, string Name, double RelayPerSecond, double AuditPerSecond);
