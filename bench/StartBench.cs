using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace TodoFlow.Bench;

/// <summary>
/// The published standalone host, compiled ahead: how long a start takes until the first 200 of <c>/health/ready</c>, which asks the
/// database, and how long the first requests after it; how large it is, how much memory it has then and under load, and how many
/// events a second its consumers take up.
/// </summary>
public static class StartBench
{
    private const int Starts = 20;
    private const int IdleStarts = 3; // the last ones, which write nothing
    private const int Clients = 16;
    private const int Events = 20_000;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Load = TimeSpan.FromSeconds(30);

    /// <summary>Measures on the server and prints tables.</summary>
    public static async Task Run(string server)
    {
        var published = Environment.GetEnvironmentVariable("TODOFLOW_BENCH_PUBLISHED")
            ?? throw new InvalidOperationException("TODOFLOW_BENCH_PUBLISHED names no published host. ./todoflow bench start makes one.");
        await using var bench = new StartBenchHost(published, server);
        await bench.Prepare();

        var starts = new Series("to the first 200 of /health/ready");
        var processor = new Series("processor time until then, of all cores");
        var lists = new Series("first GET /api/tasks, right after it");
        var writes = new Series("first POST /api/tasks, right after that");
        var idle = new List<long>();
        for (var i = 0; i < Starts; i++)
        {
            starts.Add(await bench.Start());
            processor.Add(bench.ProcessorTime());
            lists.Add(await bench.List());
            if (i >= Starts - IdleStarts)
            {
                await Task.Delay(Idle);
                idle.Add(bench.ResidentBytes());
            }
            else
            {
                writes.Add(await bench.Create());
            }

            await bench.Stop();
        }

        idle.Sort();
        Console.WriteLine(Row($"| {Starts} starts | least | median | max |"));
        Console.WriteLine("|---|---|---|---|");
        foreach (var series in new[] { starts, processor, lists, writes })
        {
            Console.WriteLine(series.Row());
        }

        Console.WriteLine();
        Console.WriteLine("| size | |");
        Console.WriteLine("|---|---|");
        Console.WriteLine(Row($"| the published folder; the image adds .NET's own | {FolderBytes(published) / 1024.0 / 1024.0:0.0} MiB |"));
        Console.WriteLine();

        await bench.Announce(Events);
        await bench.Start();
        var took = await bench.Consumed(Events);
        Console.WriteLine("| catching up | |");
        Console.WriteLine("|---|---|");
        Console.WriteLine(Row($"| {Events} events, read by two groups and recorded by one, in {took.TotalSeconds:0.0} s | {Events / took.TotalSeconds:0} events/s |"));
        Console.WriteLine();
        await bench.Stop();

        await bench.Start();
        var (requests, most) = await UnderLoad(bench);
        Console.WriteLine("| resident memory | |");
        Console.WriteLine("|---|---|");
        Console.WriteLine(Row($"| idle, {Idle.TotalSeconds:0} s after the start and one list | {Megabytes(idle[idle.Count / 2]):0} MB |"));
        Console.WriteLine(Row($"| most in {Load.TotalSeconds:0} s of load: {Clients} clients, {requests / Load.TotalSeconds:0} requests/s, one create to four lists | {Megabytes(most):0} MB |"));
        await bench.Stop();
    }

    private static async Task<(long Requests, long Most)> UnderLoad(StartBenchHost bench)
    {
        long requests = 0, most = 0;
        using var over = new CancellationTokenSource(Load);
        var clients = Enumerable.Range(0, Clients).Select(async _ =>
        {
            using var http = bench.Client();
            while (!over.IsCancellationRequested)
            {
                for (var i = 0; i < 5; i++)
                {
                    using var response = i == 0
                        ? await http.PostAsJsonAsync("/api/tasks", new JsonObject { ["title"] = "a", ["due_date"] = "2030-01-01" }, CancellationToken.None)
                        : await http.GetAsync("/api/tasks?status=pending&limit=50", CancellationToken.None);
                    response.EnsureSuccessStatusCode();
                    Interlocked.Increment(ref requests);
                }
            }
        }).ToList();
        while (!over.IsCancellationRequested)
        {
            most = Math.Max(most, bench.ResidentBytes());
            await Task.Delay(100, CancellationToken.None);
        }

        await Task.WhenAll(clients);
        return (requests, most);
    }

    private static long FolderBytes(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private static double Megabytes(long bytes) => bytes / 1_000_000.0;

    private static string Row(FormattableString row) => row.ToString(CultureInfo.InvariantCulture);

    private sealed class Series(string name)
    {
        private readonly List<double> _milliseconds = [];

        public void Add(TimeSpan time) => _milliseconds.Add(time.TotalMilliseconds);

        public string Row()
        {
            _milliseconds.Sort();
            return StartBench.Row($"| {name} | {_milliseconds[0]:0} ms | {_milliseconds[_milliseconds.Count / 2]:0} ms | {_milliseconds[^1]:0} ms |");
        }
    }
}
