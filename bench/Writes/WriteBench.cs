using System.Net.Http.Headers;
using System.Text.Json;
using TodoFlow.Bench.Growth;
using TodoFlow.Bench.Http;
using TodoFlow.Bench.Reports;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Writes;

/// <summary>
/// What a new task writes, from its request to the last consumer's cursor: rows, entries of indexes and bytes of the write-ahead log, table by
/// table, and the statements of it. A whole host over the <c>postgres</c> transport, one task after the other, so that nothing is shared between
/// them. Counted, so it says the same on a busy machine.
/// </summary>
public static class WriteBench
{
    private const int TasksEach = 10_000;
    private const int WarmUps = 100;

    private static readonly string[] TwoTags = ["home", "weekly"];

    // What no cursor has passed yet; the events of a topic that nobody reads are done when they are published.
    private const string IsDone =
        """
        select not exists (
            select from outbox where published_at is null or exists (
                select from consumer_cursor as cursor where cursor.topic = outbox.topic and cursor.shard = outbox.shard and cursor.sequence < outbox.sequence))
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly (string Name, Func<object> Task)[] Kinds =
    [
        ("a title", () => new { title = "Water the plants on the balcony" }),
        ("with two tags", () => new { title = "Water the plants on the balcony", tags = TwoTags }),
        ("with a reminder", () => new { title = "Water the plants on the balcony", due_date = "2099-12-01T09:30:00Z", reminder_offset = "15 minutes" }),
    ];

    /// <summary>Counts, for each kind of task.</summary>
    public static async Task Run(BenchOptions options)
    {
        options.RequirePart();
        var machine = await Machine.Describe(options.Server);
        var tasks = options.IsQuick ? 200 : 1000;
        var data = await TaskData.Create(options.Server, users: 1, TasksEach);
        var costs = new List<WriteCost>();
        await using (var cost = await DatabaseCost.Of(data.Database))
        await using (var log = await WriteLog.Of(data.Database))
        await using (var proxy = CountingProxy.Before(data.Database, out var counted))
        await using (var host = await BenchHost.StartOn(counted, ("Events__Transport", "postgres")))
        {
            var times = await ProcessorTimes.Of(options.Server);
            foreach (var (name, task) in Kinds)
            {
                await Create(host, data, task, WarmUps);
                await cost.Reset();
                await log.Begin();
                var (trips, processor) = (proxy.RoundTrips, times.PostgreSql());
                await Create(host, data, task, tasks);
                costs.Add(new(name, tasks, (double)(proxy.RoundTrips - trips) / tasks, (times.PostgreSql() - processor) / tasks, await log.Read(tasks), await cost.Read()));
                Console.WriteLine($"  {costs[^1]}");
            }
        }

        var page = new PerformancePage("writes", machine, options.Command("writes"));
        await page.Publish(WriteTables.Write(costs), WriteTables.Draw(costs), costs, options.IsWhole);
        await BenchDatabase.Drop(options.Server, data.Database);
    }

    // Until every group has passed what they announced.
    private static async Task Create(BenchHost host, TaskData data, Func<object> task, int count)
    {
        using var http = new HttpClient { BaseAddress = host.Server.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", BenchHost.TokenOf(data.Users[0]));
        for (var i = 0; i < count; i++)
        {
            using var body = new StringContent(JsonSerializer.Serialize(task()), new MediaTypeHeaderValue("application/json"));
            using var response = await http.PostAsync(new Uri("/api/tasks", UriKind.Relative), body);
            response.EnsureSuccessStatusCode();
        }

        using var enough = new CancellationTokenSource(Patience);
        while (!await BenchDatabase.Ask<bool>(data.Database, IsDone))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), enough.Token);
        }
    }
}
