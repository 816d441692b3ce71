using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Npgsql;
using TodoFlow.Bench.Http;
using TodoFlow.Bench.Reports;

namespace TodoFlow.Bench.Growth;

/// <summary>
/// What a request costs in PostgreSQL, and how that grows with the tasks: round trips, blocks that are looked at, bytes of the
/// write-ahead log. Counted, not timed, so it says the same on a busy machine.
/// </summary>
public static class GrowthBench
{
    private const int TasksEach = 10_000;
    private const int WarmUps = 30;

    // Of the host's functions those that a request runs; consumers and timers are counted by the pipeline's suite.
    private static readonly string[] Functions = ["CreateTask", "GetTask", "ListTasks", "SearchTasks", "UpdateTask", "CompleteTask", "DeleteTask", "GetHealthReady"];

    /// <summary>Counts over data of several sizes.</summary>
    public static async Task Run(BenchOptions options)
    {
        var machine = await Machine.Describe(options.Server);
        var requests = options.IsQuick ? 50 : 500;
        var sizes = new List<SizeCost>();
        if (options.Only is null or "sizes")
        {
            foreach (var tasks in options.Tasks ?? (options.IsQuick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000, 5_000_000]))
            {
                Console.WriteLine($"{tasks:N0} tasks: adding them");
                sizes.Add(await Measure(options.Server, tasks / TasksEach, requests));
            }
        }

        var lanes = options.Only is null or "lanes" ? await LaneBench.Run(options.Server, options.IsQuick ? 2_000 : 8_000) : [];
        var page = new PerformancePage("growth", machine, options.Command("growth"));
        await page.Publish((sizes.Count > 0 ? Tables(sizes, requests) : "") + (lanes.Count > 0 ? LaneBench.Table(lanes) : ""), sizes.Count > 0 ? Draw(sizes) : "", new { Sizes = sizes, Lanes = lanes }, options.IsWhole);
    }

    private static async Task<SizeCost> Measure(string server, int users, int requests)
    {
        var data = await TaskData.Create(server, users, TasksEach);
        var cost = new DatabaseCost(data.Database);
        await cost.Begin();
        var settings = new NpgsqlConnectionStringBuilder(data.Database) { SslMode = SslMode.Disable };
        await using var proxy = new CountingProxy(settings.Host!, settings.Port);
        (settings.Host, settings.Port) = ("127.0.0.1", proxy.Port);
        await using var host = await BenchHost.StartOn(
            settings.ConnectionString, [.. Functions.Select((name, index) => ($"AzureFunctionsJobHost__functions__{index}", name))]);
        using var http = new HttpClient { BaseAddress = host.Server.Address };
        var results = new List<RequestCost>();
        foreach (var request in CountedRequest.All(data))
        {
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
            results.Add(RequestCost.Of(request.Name, requests, trips, await cost.Read()));
            Console.WriteLine($"  {results[^1]}");
        }

        await BenchDatabase.Drop(server, data.Database);
        return new(users * TasksEach, results);
    }

    private static async Task Send(HttpClient http, CountedRequest counted, int number)
    {
        var (user, method, path, body) = counted.Make(number);
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", BenchHost.TokenOf(user));
        if (body is not null)
        {
            request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        }

        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    private static string Tables(List<SizeCost> sizes, int requests)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"Per request, the mean of {requests} one after the other, of users of {TasksEach:N0} tasks each. Blocks are of 8 KiB; \"of the relay\" is what moving the request's events costs.");
        text.WriteLine();
        text.WriteLine($"| | {string.Join(" | ", sizes.Select(size => $"blocks at {size.Tasks:N0}"))} | WAL bytes | statements | of the relay: blocks | WAL bytes | round trips |");
        text.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", sizes.Count + 6 - 1))}");
        foreach (var row in sizes[^1].Requests)
        {
            var blocks = sizes.Select(size => size.Requests.Single(other => other.Name == row.Name).Blocks.ToString("0.0", CultureInfo.InvariantCulture));
            text.WriteLine($"| {row.Name} | {string.Join(" | ", blocks)} | {row.WalBytes:0} | {row.Statements:0.0} | {row.RelayBlocks:0.0} | {row.RelayWalBytes:0} | {row.RoundTrips:0.0} |");
        }

        text.WriteLine();
        text.WriteLine($"Each statement of a request, at {sizes[^1].Tasks:N0} tasks:");
        text.WriteLine();
        text.WriteLine("| request | statement | a request | blocks | WAL bytes | in PostgreSQL |");
        text.WriteLine("|---|---|---:|---:|---:|---:|");
        foreach (var row in sizes[^1].Requests)
        {
            foreach (var statement in row.Dearest)
            {
                text.WriteLine($"| {row.Name} | `{Short(statement.Text)}` | {(double)statement.Calls / requests:0.00} | {(double)statement.Blocks / requests:0.0} | {(double)statement.WalBytes / requests:0} | {statement.Milliseconds / requests:0.000} ms |");
            }
        }

        return text.ToString();
    }

    private static string Short(string statement)
    {
        var plain = statement.Replace('|', '¦').Replace('`', '\'');
        return plain.Length <= 70 ? plain : $"{plain[..70]}…";
    }

    private static string Draw(List<SizeCost> sizes) => BarChart.Draw(
        "Growth: blocks that PostgreSQL looks at for a request", "blocks of 8 KiB",
        [
            .. from row in sizes[0].Requests
               from size in sizes
               let cost = size.Requests.Single(other => other.Name == row.Name)
               select new Bar(row.Name, size.Tasks.ToString("N0", CultureInfo.InvariantCulture) + " tasks", cost.Blocks, cost.Blocks.ToString("0.0", CultureInfo.InvariantCulture)),
        ],
        logarithmic: true);
}

/// <summary>What requests cost over data of one size.</summary>
public sealed record SizeCost(int Tasks, IReadOnlyList<RequestCost> Requests);

/// <summary>What one kind of request costs in PostgreSQL, per request.</summary>
public sealed record RequestCost(
    string Name, double RoundTrips, double Statements, double Blocks, double WalBytes, double RelayBlocks, double RelayWalBytes, IReadOnlyList<StatementCost> Dearest)
{
    /// <summary>Shares out what was counted.</summary>
    public static RequestCost Of(string name, int requests, long trips, IReadOnlyList<StatementCost> statements)
    {
        var (relay, own) = (statements.Where(IsOfRelay).ToList(), statements.Where(statement => !IsOfRelay(statement) && statement.Calls * 2 >= requests).ToList());
        return new(
            // Each batch of the relay begins with its lock, and is one round trip.
            name, (trips - relay.Where(IsLock).Sum(statement => statement.Calls)) / (double)requests, Each(own, statement => statement.Calls), Each(own, statement => statement.Blocks), Each(own, statement => statement.WalBytes),
            Each(relay, statement => statement.Blocks), Each(relay, statement => statement.WalBytes), own);

        double Each(List<StatementCost> all, Func<StatementCost, long> part) => (double)all.Sum(part) / requests;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Name,-22} {RoundTrips:0.0} round trips, {Statements:0.0} statements, {Blocks:0.0} blocks, {WalBytes:0} WAL bytes; relay {RelayBlocks:0.0} blocks, {RelayWalBytes:0} WAL bytes");

    // A request only ever adds to the outbox; whatever else touches it is the relay, or counts what waits. Names that a statement has as
    // a constant, such as a sequence's, are not in the text that PostgreSQL keeps.
    private static bool IsOfRelay(StatementCost statement) =>
        IsLock(statement) || (statement.Text.Contains("outbox", StringComparison.Ordinal) && !statement.Text.Contains("insert into outbox", StringComparison.OrdinalIgnoreCase));

    private static bool IsLock(StatementCost statement) => statement.Text.Contains("pg_advisory_xact_lock", StringComparison.Ordinal);
}

/// <summary>A request that is counted, once for each number.</summary>
/// <param name="Name">Its name in the tables.</param>
/// <param name="Make">The request of a number.</param>
public sealed record CountedRequest(string Name, Func<int, (Guid User, HttpMethod Method, string Path, string? Body)> Make)
{
    private static readonly string[] Tags = ["home", "weekly"];

    /// <summary>The requests over a set of data.</summary>
    public static IEnumerable<CountedRequest> All(TaskData data)
    {
        var own = new Guid[4096]; // ids of tasks that the requests create themselves
        for (var i = 0; i < own.Length; i++)
        {
            own[i] = Guid.CreateVersion7();
        }

        Guid Writer(int number) => data.Writers[number % data.Writers.Count];
        Guid Reader(int number) => data.Users[number % data.Users.Count];
        (Guid, Guid) Task(int number) => data.Tasks[number % data.Tasks.Count];
        (Guid, HttpMethod, string, string?) OfTask(int number, HttpMethod method, string action, string? body)
        {
            var (user, task) = Task(number);
            return (user, method, $"/api/tasks/{task}{action}", body);
        }

        yield return new("get", number => OfTask(number, HttpMethod.Get, "", null));
        yield return new("list 50 by due date", number => (Reader(number), HttpMethod.Get, "/api/tasks?status=pending&sort_by=due_date&order=asc&limit=50", null));
        yield return new("list by tag", number => (Reader(number), HttpMethod.Get, $"/api/tasks?tags={TaskData.Tag}&limit=50", null));
        yield return new("search, common word", number => (Reader(number), HttpMethod.Post, "/api/tasks/search", Query(TaskData.CommonWord)));
        yield return new("search, rare word", number => (Reader(number), HttpMethod.Post, "/api/tasks/search", Query(TaskData.RareWord)));
        yield return new("create", number => (Writer(number), HttpMethod.Post, "/api/tasks", NewTask(null, null)));
        yield return new("create with a reminder", number => (Writer(number), HttpMethod.Post, "/api/tasks", NewTask(own[number], "15 minutes")));
        yield return new("update the title", number => OfTask(number, HttpMethod.Put, "", JsonSerializer.Serialize(new { title = $"Changed {number}" })));
        yield return new("complete, with reminder", number => (Writer(number), HttpMethod.Post, $"/api/tasks/{own[number]}/complete", null));
        yield return new("delete", number => (Writer(number), HttpMethod.Delete, $"/api/tasks/{own[number]}", null));
    }

    private static string Query(string word) => JsonSerializer.Serialize(new { query = word });

    private static string NewTask(Guid? id, string? offset) => JsonSerializer.Serialize(new
    {
        id = id ?? Guid.CreateVersion7(),
        title = "Water the plants",
        description = "The ones on the balcony, too",
        tags = Tags,
        due_date = "2099-12-01T09:30:00Z",
        reminder_offset = offset,
    });
}
