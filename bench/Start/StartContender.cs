using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace TodoFlow.Bench.Start;

/// <summary>A published program that is started and stopped again and again, and what was measured of it.</summary>
/// <param name="folder">The published folder.</param>
/// <param name="user">The user whose tasks are asked for and added.</param>
/// <param name="start">Starts the program.</param>
internal sealed class StartContender(string folder, Guid user, Func<Task<ServerProcess>> start)
{
    private const int Clients = 16;

    /// <summary>Milliseconds from starting the process to the first 200 of <c>/health/ready</c>.</summary>
    public List<double> Ready { get; } = [];

    /// <summary>Milliseconds of processor time until then, of all cores.</summary>
    public List<double> Processor { get; } = [];

    /// <summary>Milliseconds of processor time that the bench itself used until then, to start it and to ask.</summary>
    public List<double> Bench { get; } = [];

    /// <summary>Milliseconds that the first list after it took.</summary>
    public List<double> FirstList { get; } = [];

    /// <summary>Milliseconds that the first new task after that took.</summary>
    public List<double> FirstTask { get; } = [];

    /// <summary>Megabytes that the process had resident when nothing was asked of it.</summary>
    public List<double> Idle { get; } = [];

    /// <summary>The most megabytes that it had resident under load.</summary>
    public double Loaded { get; private set; }

    /// <summary>The requests a second of that load.</summary>
    public double RequestsPerSecond { get; private set; }

    /// <summary>Megabytes of the published folder.</summary>
    public double Published { get; } = Megabytes(new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length));

    /// <summary>Starts it, sends the first requests, and stops it.</summary>
    /// <param name="isWarmUp">Whether nothing is written down: the disk is cold, and so is what sends the requests.</param>
    public async Task Start(bool isWarmUp)
    {
        var before = Environment.CpuUsage.TotalTime;
        await using var server = await start();
        var (processor, bench) = (server.ProcessorTime, Environment.CpuUsage.TotalTime - before);
        using var http = Client(server);
        var (list, task) = (await Time(() => List(http)), await Time(() => Create(http)));
        if (!isWarmUp)
        {
            Ready.Add(server.ReadyAfter.TotalMilliseconds);
            Processor.Add(processor.TotalMilliseconds);
            Bench.Add(bench.TotalMilliseconds);
            FirstList.Add(list);
            FirstTask.Add(task);
        }

        await server.Stop();
    }

    /// <summary>Starts it, lists once, and sees what it has resident after a while without a request.</summary>
    public async Task Rest(TimeSpan time)
    {
        await using var server = await start();
        using var http = Client(server);
        await List(http);
        await Task.Delay(time);
        Idle.Add(Megabytes(server.ResidentBytes));
        await server.Stop();
    }

    /// <summary>Starts it and keeps it busy, one new task to four lists.</summary>
    public async Task Load(TimeSpan time)
    {
        await using var server = await start();
        using var over = new CancellationTokenSource(time);
        var clients = Enumerable.Range(0, Clients).Select(_ => Ask(server, over.Token)).ToList();
        while (!over.IsCancellationRequested)
        {
            Loaded = Math.Max(Loaded, Megabytes(server.ResidentBytes));
            await Task.Delay(100, CancellationToken.None);
        }

        RequestsPerSecond = (await Task.WhenAll(clients)).Sum() / time.TotalSeconds;
        await server.Stop();
    }

    private async Task<int> Ask(ServerProcess server, CancellationToken over)
    {
        using var http = Client(server);
        var requests = 0;
        for (; !over.IsCancellationRequested; requests++)
        {
            await (requests % 5 == 0 ? Create(http) : List(http));
        }

        return requests;
    }

    // TodoFlow heeds the token, the twin the other header.
    private HttpClient Client(ServerProcess server)
    {
        var http = new HttpClient { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", BenchHost.TokenOf(user));
        http.DefaultRequestHeaders.Add("X-User", $"{user}");
        return http;
    }

    private static async Task<double> Time(Func<Task> request)
    {
        var started = Stopwatch.GetTimestamp();
        await request();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static async Task List(HttpClient http)
    {
        using var response = await http.GetAsync("/api/tasks?status=pending&sort_by=due_date&order=asc&limit=50");
        response.EnsureSuccessStatusCode();
    }

    private static async Task Create(HttpClient http)
    {
        using var response = await http.PostAsJsonAsync("/api/tasks", new JsonObject
        {
            ["title"] = "Water the plants",
            ["description"] = "The ones on the balcony, too",
            ["priority"] = "high",
            ["tags"] = new JsonArray("home", "weekly"),
            ["due_date"] = "2030-12-01T09:30:00Z",
        });
        response.EnsureSuccessStatusCode();
    }

    private static double Megabytes(long bytes) => bytes / 1_000_000.0;
}
