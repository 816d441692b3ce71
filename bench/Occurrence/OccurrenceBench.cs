using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;
using TodoFlow.Bench.Pipeline;
using TodoFlow.Bench.Reports;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Occurrence;

/// <summary>
/// How long it takes from sending <c>POST …/complete</c> of a recurring task until <c>GET /api/tasks</c> lists the next occurrence:
/// commit, relay, consumer and commit again. One client, one after the other. The bench listens for the commit of the new row and
/// asks then: to ask all the time would keep busy what it waits for.
/// </summary>
public static class OccurrenceBench
{
    private const int Partitions = 3;

    // What consumers still do of one is not to burden the next, the twin's least of all.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Measures both transports.</summary>
    public static async Task Run(BenchOptions options)
    {
        options.RequirePart("postgres", "kafka");
        var machine = await Machine.Describe(options.Server);
        var (warmUps, completions) = options.IsQuick ? (20, 100) : (50, 500);
        var results = new List<Comparison>();
        if (options.Only is null or "postgres")
        {
            results.Add(await Measure("postgres", options.Server, warmUps, completions, ("Events__Transport", "postgres")));
        }

        if (options.Only is null or "kafka")
        {
            using var kafka = KafkaCluster.Start();
            results.Add(await Measure("kafka", options.Server, warmUps, completions, await PipelineBench.Use(kafka, Partitions)));
        }

        var page = new PerformancePage("occurrence", machine, options.Command("occurrence"));
        await page.Publish(
            Table(results, warmUps, completions),
            BarChart.Draw("From completing a task to its next occurrence", "milliseconds, median", [.. results.SelectMany(result => result.Bars(result.Name))]),
            new { Completions = completions, Transports = results }, options.IsWhole);
    }

    private static async Task<Comparison> Measure(string transport, string server, int warmUps, int completions, params (string Name, string Value)[] settings)
    {
        Console.WriteLine($"{transport}: {warmUps} + {completions} completions");
        await using var host = await BenchHost.Start(server, settings);
        await BenchDatabase.Execute(
            host.ConnectionString,
            """
            create function tell_occurrence() returns trigger language plpgsql as $$ begin perform pg_notify('bench_occurrence', new.id::text); return null; end $$;
            create trigger tell_occurrence after insert on task_item for each row when (new.parent_task_id is not null) execute function tell_occurrence();
            """);
        await using var source = NpgsqlDataSource.Create(host.ConnectionString);
        await using var occurrences = await RowListener.To(source, "bench_occurrence");
        await using var twin = await BareOccurrence.Over(host.ConnectionString);
        var tasks = new List<Guid>();
        for (var i = 0; i < warmUps + completions; i++)
        {
            tasks.Add(await Create(host, i));
        }

        var (own, twins) = (new List<double>(completions), new List<double>(completions));
        for (var i = 0; i < warmUps + completions; i++)
        {
            var time = await Complete(host, occurrences, tasks[i], i);
            await Task.Delay(Pause);
            var bare = await twin.Complete();
            await Task.Delay(Pause);
            if (i >= warmUps)
            {
                own.Add(time);
                twins.Add(bare);
            }
        }

        return Comparison.Of(transport, "ms", own, twins);
    }

    private static async Task<Guid> Create(BenchHost host, int number)
    {
        var task = await host.Post("/api/tasks", new JsonObject { ["title"] = $"task {number}", ["due_date"] = "2026-12-01", ["recurrence"] = "daily", ["tags"] = new JsonArray($"series-{number}") });
        return task["id"]!.GetValue<Guid>();
    }

    private static async Task<double> Complete(BenchHost host, RowListener occurrences, Guid task, int number)
    {
        var started = Stopwatch.GetTimestamp();
        await host.Post($"/api/tasks/{task}/complete");
        await occurrences.Next(CancellationToken.None);
        var listed = (await host.Get($"/api/tasks?status=pending&tags=series-{number}")).AsArray();
        return listed.Count == 1
            ? Stopwatch.GetElapsedTime(started).TotalMilliseconds
            : throw new InvalidOperationException($"{listed.Count} occurrences are listed instead of one.");
    }

    private static string Table(List<Comparison> results, int warmUps, int completions)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"{completions} completions, one after the other, after {warmUps} to warm up; in turn with the twin's, {Pause.TotalMilliseconds:0} ms apart. Milliseconds.");
        text.WriteLine();
        text.WriteLine("| transport | median | p99 | max | twin: median | p99 | times the twin's |");
        text.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
        foreach (var row in results)
        {
            text.WriteLine($"| {row.Name} | {row.P50:0.0} | {row.P99:0.0} | {row.Max:0.0} | {row.TwinP50:0.0} | {row.TwinP99:0.0} | {row.TimesTwin:0.0} |");
        }

        return text.ToString();
    }
}
