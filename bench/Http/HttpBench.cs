using TodoFlow.Bench.Reports;

namespace TodoFlow.Bench.Http;

/// <summary>
/// Requests per second and their times, in rounds that alternate with those of others that answer the same requests: the raw twin, which
/// does nothing but the database's work, over the same rows; a twin over a schema that owes TodoFlow nothing; and what people would pick
/// instead, Fastify with pg, over that schema.
/// </summary>
public static class HttpBench
{
    private const int Connections = 32;
    private const int SearchConnections = 8;
    private const int TasksEach = 10_000;
    private const int WarmUps = 3;

    /// <summary>Measures small and large data.</summary>
    public static async Task Run(BenchOptions options)
    {
        options = options with { Seed = options.Seed ?? Random.Shared.Next(1_000_000) };
        var machine = await Machine.Describe(options.Server);
        var (rounds, seconds) = (options.Rounds ?? (options.IsQuick ? 1 : 3), options.Seconds ?? 2);
        Console.WriteLine(options.Command("http"));
        var warmUps = options.IsQuick ? 1 : WarmUps;
        var data = new List<DataResult>();
        foreach (var tasks in options.Tasks ?? (options.IsQuick ? [10_000, 100_000] : [10_000, 1_000_000]))
        {
            data.Add(await Measure(options, tasks / TasksEach, rounds, seconds, warmUps, whole: data.Count == 0));
        }

        var how = $"{Connections} connections; {rounds} rounds of {seconds} s each, in turn with the others', after {warmUps} of all workloads to warm up; medians of the rounds. " +
            $"The lists whose sort and filter are named were drawn with the seed {options.Seed}.";
        var page = new PerformancePage("http", machine, options.Command("http"));
        await page.Publish(
            HttpTables.Write(data, how, SearchConnections), HttpTables.Draw(data),
            new { Connections, SearchConnections, Rounds = rounds, WarmUps = warmUps, SecondsPerRound = seconds, options.Seed, Sizes = data }, options.IsWhole && options.Tasks is null);
    }

    private static async Task<DataResult> Measure(BenchOptions options, int users, int rounds, int seconds, int warmUps, bool whole)
    {
        Console.WriteLine($"{users} × {TasksEach:N0} tasks: adding them");
        var data = await TaskData.Create(options.Server, users, TasksEach);
        var results = new List<WorkloadResult>();
        var searches = new List<SearchResult>();
        var workloads = Workload.Over(data, options.Only, options.Seed!.Value);
        if (workloads.Count == 0)
        {
            throw new ArgumentException($"--only {options.Only} is in no workload's name.");
        }

        await using (var others = await Contenders.Start(options.Server, data, TasksEach))
        {
            var run = new HttpRun(others, data.Database, await ProcessorTimes.Of(options.Server), Connections, rounds, seconds, warmUps);
            await using (var host = await BenchHost.StartOn(data.Database, [.. BenchHost.HttpOnly()]))
            {
                await run.WarmUp(host.Server, workloads);
                foreach (var workload in workloads)
                {
                    results.Add(await run.Compare(host.Server, workload));
                    if (workload.Name.StartsWith("search", StringComparison.Ordinal))
                    {
                        searches.Add(new(workload.Name, await Wrk.Load(host.Server, run.Times, workload, SearchConnections, seconds)));
                    }
                }
            }

            // What ./todoflow up runs: the relay and every consumer work on what is written, in the same process. What nobody read yet is
            // of no concern to them.
            var writes = workloads.Where(workload => whole && workload.Writes)
                .Select(workload => workload with { Name = $"{workload.Name}, one process of everything", Target = null, Goal = null }).ToList();
            if (writes.Count > 0)
            {
                await BenchDatabase.Execute(data.Database, "truncate outbox");
                await using var host = await BenchHost.StartOn(data.Database);
                await run.WarmUp(host.Server, writes);
                foreach (var workload in writes)
                {
                    results.Add(await run.Compare(host.Server, workload));
                }
            }
        }

        await BenchDatabase.Drop(options.Server, data.Database);
        return new(users, TasksEach, results, searches);
    }
}
