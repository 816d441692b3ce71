using Npgsql;
using TodoFlow.Bench.Reports;

namespace TodoFlow.Bench.Http;

/// <summary>
/// Requests per second and their times, beside a twin that does nothing but the database's work: the same requests, in alternating
/// rounds, over the same rows of the same database.
/// </summary>
public static class HttpBench
{
    private const int Connections = 32;
    private const int SearchConnections = 8;
    private const int TasksEach = 10_000;

    private static readonly TimeSpan LongestDrain = TimeSpan.FromMinutes(3);

    /// <summary>Measures small and large data.</summary>
    public static async Task Run(BenchOptions options)
    {
        var machine = await Machine.Describe(options.Server);
        var (rounds, seconds) = (options.Rounds ?? (options.IsQuick ? 1 : 3), options.Seconds ?? (options.IsQuick ? 2 : 5));
        var (small, _) = await Measure(options, 1, rounds, seconds, whole: true);
        var (large, searches) = await Measure(options, options.IsQuick ? 10 : 100, rounds, seconds, whole: false);
        var page = new PerformancePage("http", machine, options.Command("http"));
        await page.Publish(
            HttpTables.Write(small, large, searches, Connections, SearchConnections, rounds, seconds), HttpTables.Draw(small, large),
            new { Connections, Rounds = rounds, SecondsPerRound = seconds, Small = small, Large = large, SearchesOverEightConnections = searches }, options.IsWhole);
    }

    private static async Task<(DataResult Result, IReadOnlyList<SearchResult> Searches)> Measure(BenchOptions options, int users, int rounds, int seconds, bool whole)
    {
        Console.WriteLine($"{users} × {TasksEach:N0} tasks: adding them");
        var data = await TaskData.Create(options.Server, users, TasksEach);
        await using var twin = await RawTwin.Start(data.Database);
        var times = await ProcessorTimes.Of(options.Server);
        var results = new List<WorkloadResult>();
        var searches = new List<SearchResult>();
        var workloads = Workload.Over(data).Where(workload => options.Only is null || workload.Name.Contains(options.Only, StringComparison.Ordinal)).ToList();
        await using (var host = await BenchHost.StartOn(data.Database, [.. BenchHost.HttpOnly()]))
        {
            await WarmUp(host.Server, twin, workloads, times, seconds);
            foreach (var workload in workloads)
            {
                results.Add(await Compare(host.Server, twin, data.Database, workload, times, rounds, seconds));
                if (workload.Name.StartsWith("search", StringComparison.Ordinal))
                {
                    searches.Add(new(workload.Name, await Wrk.Load(host.Server, times, workload, SearchConnections, seconds)));
                }
            }
        }

        // What ./todoflow up runs: the relay and every consumer work on what is written, in the same process. What nobody read yet is
        // of no concern to them.
        if (whole)
        {
            await BenchDatabase.Execute(data.Database, "truncate outbox");
            await using var host = await BenchHost.StartOn(data.Database);
            var writes = workloads.Where(workload => workload.Writes).Select(workload => workload with { Name = $"{workload.Name}, one process of everything", Target = null }).ToList();
            await WarmUp(host.Server, twin, writes, times, seconds);
            foreach (var workload in writes)
            {
                results.Add(await Compare(host.Server, twin, data.Database, workload, times, rounds, seconds));
            }
        }

        await BenchDatabase.Drop(options.Server, data.Database);
        return (new DataResult(users, TasksEach, results), searches);
    }

    // The runtime compiles what is used often once more, for its use, and on a busy machine it takes seconds until it has.
    private static async Task WarmUp(ServerProcess host, ServerProcess twin, IReadOnlyList<Workload> workloads, ProcessorTimes times, int seconds)
    {
        foreach (var workload in workloads)
        {
            foreach (var target in new[] { host, twin })
            {
                await Wrk.Load(target, times, workload, Connections, seconds);
            }
        }
    }

    private static async Task<WorkloadResult> Compare(
        ServerProcess host, ServerProcess twin, string database, Workload workload, ProcessorTimes times, int rounds, int seconds)
    {
        var (ours, twins) = (new List<Round>(), new List<Round>());
        foreach (var (target, into) in Alternate(rounds, (host, ours), (twin, twins)))
        {
            into.Add(await Wrk.Load(target, times, workload, Connections, seconds));
            await Drain(database, workload);
        }

        var result = new WorkloadResult(workload.Name, workload.Target, ours[1..], twins[1..]);
        Console.WriteLine($"  {result}");
        return result;
    }

    // A and B to warm up, then A B, B A, A B: what drifts hits both alike.
    private static IEnumerable<(ServerProcess, List<Round>)> Alternate(
        int rounds, (ServerProcess, List<Round>) one, (ServerProcess, List<Round>) other)
    {
        for (var round = 0; round <= rounds; round++)
        {
            yield return round % 2 == 0 ? one : other;
            yield return round % 2 == 0 ? other : one;
        }
    }

    // What consumers still do of one round must not burden the next.
    private static async Task Drain(string database, Workload workload)
    {
        if (!workload.Writes)
        {
            return;
        }

        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            """
            select exists (select from outbox where published_at is null) or exists (
                select from consumer_cursor c where exists (select from outbox o where o.topic = c.topic and o.shard = c.shard and o.sequence > c.sequence))
            """);
        var started = TimeProvider.System.GetTimestamp();
        while ((bool)(await command.ExecuteScalarAsync())!)
        {
            if (TimeProvider.System.GetElapsedTime(started) > LongestDrain)
            {
                throw new TimeoutException("The consumers do not catch up.");
            }

            await Task.Delay(100);
        }
    }
}
