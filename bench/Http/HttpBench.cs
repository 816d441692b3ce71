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
        var (small, _) = await Measure(options, 1, rounds, seconds);
        var (large, searches) = await Measure(options, options.IsQuick ? 10 : 100, rounds, seconds);
        var page = new PerformancePage("http", machine, $"./todoflow bench http{(options.IsQuick ? " --quick" : "")}");
        await page.Publish(
            HttpTables.Write(small, large, searches, Connections, SearchConnections, rounds, seconds), HttpTables.Draw(small, large),
            new { Connections, Rounds = rounds, SecondsPerRound = seconds, Small = small, Large = large, SearchesOverEightConnections = searches }, options.IsWhole);
    }

    private static async Task<(DataResult Result, IReadOnlyList<SearchResult> Searches)> Measure(BenchOptions options, int users, int rounds, int seconds)
    {
        Console.WriteLine($"{users} × {TasksEach:N0} tasks: adding them");
        var data = await TaskData.Create(options.Server, users, TasksEach);
        await using var host = await BenchHost.StartOn(data.Database);
        await using var twin = await ServerProcess.Start("TodoFlow.RawTwin.dll", port => [data.Database, $"{port}"], [], "/");
        var times = await ProcessorTimes.Of(options.Server);
        var results = new List<WorkloadResult>();
        var searches = new List<SearchResult>();
        foreach (var workload in Workload.Over(data).Where(workload => options.Only is null || workload.Name.Contains(options.Only, StringComparison.Ordinal)))
        {
            var (ours, twins) = (new List<Round>(), new List<Round>());
            foreach (var (target, into) in Alternate(rounds, (host.Server, ours), (twin, twins)))
            {
                var round = await Wrk.Load(target, times, workload, Connections, into.Count == 0 ? Math.Max(2, seconds / 2) : seconds);
                into.Add(round);
                await Drain(data.Database, workload);
            }

            // The first round let the code be compiled for its use.
            var result = new WorkloadResult(workload.Name, workload.Target, ours[1..], twins[1..]);
            Console.WriteLine($"  {result}");
            results.Add(result);
            if (!workload.Writes && workload.Name.StartsWith("search", StringComparison.Ordinal))
            {
                searches.Add(new(workload.Name, await Wrk.Load(host.Server, times, workload, SearchConnections, seconds)));
            }
        }

        await BenchDatabase.Drop(options.Server, data.Database);
        return (new DataResult(users, TasksEach, results), searches);
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
                select from consumer_cursor c where exists (select from outbox o where o.topic = c.topic and o.lane = c.lane and o.sequence > c.sequence))
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
