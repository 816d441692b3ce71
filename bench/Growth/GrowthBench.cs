using System.Net.Http.Headers;
using TodoFlow.Bench.Http;
using TodoFlow.Bench.Reports;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Growth;

/// <summary>
/// What a request costs in PostgreSQL, and how that grows with the tasks: round trips, blocks that are looked at, bytes of the
/// write-ahead log. Counted, not timed, so it says the same on a busy machine. Beside it what the raw twin's request costs, over the
/// same rows. And, timed: how the pipeline's speed grows with shards and partitions.
/// </summary>
public static class GrowthBench
{
    private const int TasksEach = 10_000;
    private const int WarmUps = 30;

    // Of the host's functions those that a request runs; consumers and timers are counted by the pipeline's suite.
    private static readonly string[] Functions = ["CreateTask", "GetTask", "ListTasks", "SearchTasks", "UpdateTask", "CompleteTask", "DeleteTask"];

    /// <summary>Counts over data of several sizes.</summary>
    public static async Task Run(BenchOptions options)
    {
        options.RequirePart("sizes", "shards");
        var machine = await Machine.Describe(options.Server);
        var requests = options.IsQuick ? 50 : 500;
        var sizes = new List<SizeCost>();
        if (options.Only is null or "sizes")
        {
            foreach (var tasks in options.Tasks ?? (options.IsQuick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000, 5_000_000]))
            {
                sizes.Add(await Measure(options.Server, tasks / TasksEach, requests));
            }
        }

        var shards = options.Only is null or "shards" ? await ShardBench.Run(options.Server, options.IsQuick ? 2_000 : 20_000) : [];
        var page = new PerformancePage("growth", machine, options.Command("growth"));
        await page.Publish(
            GrowthTables.Write(sizes, TasksEach, requests) + ShardBench.Table(shards), GrowthTables.Draw(sizes),
            new { RequestsEach = requests, Sizes = sizes, Shards = shards }, options.IsWhole);
    }

    private static async Task<SizeCost> Measure(string server, int users, int requests)
    {
        Console.WriteLine($"{users * TasksEach:N0} tasks: adding them");
        var started = TimeProvider.System.GetTimestamp();
        var data = await TaskData.Create(server, users, TasksEach);
        Console.WriteLine($"  in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0} s");
        await using var cost = await DatabaseCost.Of(data.Database);
        var results = new List<RequestCost>();
        await using (var proxy = CountingProxy.Before(data.Database, out var counted))
        await using (var host = await BenchHost.StartOn(counted, [.. BenchHost.Only(Functions)]))
        await using (var twinProxy = CountingProxy.Before(data.Database, out var countedTwin))
        await using (var twin = await RawTwin.Start(countedTwin))
        {
            foreach (var request in CountedRequest.All(data))
            {
                var own = await Count(request, host.Server, proxy, cost, requests);
                results.Add(request.HasTwin ? own with { Twin = await Count(request, twin, twinProxy, cost, requests) } : own);
            }
        }

        await BenchDatabase.Drop(server, data.Database);
        return new(users * TasksEach, results);
    }

    private static async Task<RequestCost> Count(CountedRequest request, ServerProcess server, CountingProxy proxy, DatabaseCost cost, int requests)
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        for (var i = 0; i < WarmUps; i++)
        {
            await Send(http, request, i);
        }

        await cost.Reset();
        var before = proxy.RoundTrips;
        for (var i = 0; i < requests; i++)
        {
            await Send(http, request, WarmUps + i);
        }

        // The relay moves events meanwhile, in statements of its own: they are told apart.
        var trips = proxy.RoundTrips - before;
        var result = RequestCost.Of(request.Name, requests, trips, await cost.Read());
        Console.WriteLine($"  {result}");
        return result;
    }

    private static async Task Send(HttpClient http, CountedRequest counted, int number)
    {
        var (user, method, path, body) = counted.Make(number);
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", BenchHost.TokenOf(user)); // the host's user
        request.Headers.Add("X-User", $"{user}"); // the twin's
        if (body is not null)
        {
            request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        }

        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }
}
