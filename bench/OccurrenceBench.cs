using System.Diagnostics;
using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench;

/// <summary>
/// How long it takes from sending <c>POST …/complete</c> of a recurring task until <c>GET /api/tasks</c> lists the next occurrence:
/// commit, relay, consumer and commit again. One client, one after the other.
/// </summary>
public static class OccurrenceBench
{
    private const int WarmUps = 50;
    private const int Completions = 500;

    /// <summary>Measures both transports on the server and prints a table.</summary>
    public static async Task Run(BenchOptions options)
    {
        Console.WriteLine($"{Completions} completions after {WarmUps} to warm up; from sending the completion to seeing the next occurrence listed");
        Console.WriteLine();
        Console.WriteLine("| transport | median | p99 | max |");
        Console.WriteLine("|---|---|---|---|");
        await Measure("postgres", options.Server, ("Events__Transport", "postgres"));
        using var kafka = KafkaCluster.StartMock();
        foreach (var topic in new[] { "task-events", "task-updates", "reminders" })
        {
            await kafka.AddTopic(topic);
            await kafka.AddTopic($"{topic}.dead-letter");
        }

        await Measure(
            "kafka (librdkafka's mock cluster)", options.Server, ("Events__Transport", "kafka"), ("Kafka__Brokers", kafka.Brokers),
            ("Kafka__Consumer__FetchWaitMaxMs", "5")); // unlike a broker, the mock answers an empty fetch only then
    }

    private static async Task Measure(string transport, string server, params (string Name, string Value)[] settings)
    {
        await using var host = await BenchHost.Start(server, settings);
        var times = new List<double>(Completions);
        for (var i = 0; i < WarmUps + Completions; i++)
        {
            var task = await host.Post("/api/tasks", new JsonObject { ["title"] = $"task {i}", ["due_date"] = "2026-12-01", ["recurrence"] = "daily", ["tags"] = new JsonArray($"series-{i}") });
            var started = Stopwatch.GetTimestamp();
            await host.Post($"/api/tasks/{task["id"]!.GetValue<Guid>()}/complete");
            while ((await host.Get($"/api/tasks?status=pending&tags=series-{i}")).AsArray().Count == 0)
            {
                if (Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(30))
                {
                    throw new TimeoutException("No next occurrence within 30 seconds.");
                }
            }

            if (i >= WarmUps)
            {
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        times.Sort();
        Console.WriteLine($"| {transport} | {times[times.Count / 2]:0.0} ms | {times[times.Count * 99 / 100]:0.0} ms | {times[^1]:0.0} ms |");
    }
}
