using System.Globalization;
using System.Text.Json.Nodes;
using TodoFlow.Bench.Reports;

namespace TodoFlow.Bench.Realtime;

/// <summary>
/// One host with many connected devices: how much memory each takes, and how long it takes from sending a change of a task until the
/// first and the last device of its user know of it. Beside it, in turn, a bare hub that is told to send the same message.
/// </summary>
public static class RealtimeBench
{
    private const int DevicesEach = 50;

    // What consumers still do of one update is not to burden the next, the twin's least of all.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Measures both.</summary>
    public static async Task Run(BenchOptions options)
    {
        var machine = await Machine.Describe(options.Server);
        var (users, warmUps, updates) = options.IsQuick ? (4, 20, 100) : (40, 50, 500);
        await using var host = await BenchHost.Start(
            options.Server, ("Events__Transport", "postgres"), ("RateLimits__SignInsPerMinute", "1000000"), ("Auth__PasswordIterations", "100000"));
        await using var hub = await RawTwin.StartHub();
        await using var own = new ConnectedUsers(host.Server);
        await using var twin = new ConnectedUsers(hub);
        for (var i = 0; i < users; i++)
        {
            own.Add(await host.SignUp($"device{i}@example.com"), BenchHost.Negotiate);
            var user = new HttpClient { BaseAddress = hub.Address };
            user.DefaultRequestHeaders.Add("X-User", $"user-{i}");
            var (address, token) = (new Uri(hub.Address, "hub"), $"user-{i}");
            twin.Add(user, _ => Task.FromResult((address, token)));
        }

        await own.Connect(DevicesEach);
        await twin.Connect(DevicesEach);
        var (times, twins) = (new List<Arrival>(updates), new List<Arrival>(updates));
        JsonNode message = new JsonObject();
        for (var i = 0; i < warmUps + updates; i++)
        {
            var number = i;
            var arrival = await own.Update(i, user => BenchHost.Post(user, "/api/tasks", new JsonObject { ["title"] = $"task {number}" }));
            message = arrival.Message["arguments"]![0]!.DeepClone();
            await Task.Delay(Pause);
            var bare = await twin.Update(i, user => Send(user, message));
            await Task.Delay(Pause);
            if (i >= warmUps)
            {
                times.Add(arrival);
                twins.Add(bare);
            }
        }

        var page = new PerformancePage("realtime", machine, options.Command("realtime"));
        var (memory, twinMemory) = (own.MeasuredMemory(), twin.MeasuredMemory());
        List<Comparison> delays =
        [
            Compare("request sent to first device", arrival => arrival.First),
            Compare("request sent to last device", arrival => arrival.Last),
            Compare("first to last device", arrival => arrival.Last - arrival.First),
        ];
        await page.Publish(
            Tables(memory, twinMemory, delays, users * DevicesEach, updates, warmUps),
            BarChart.Draw($"{users * DevicesEach:N0} connected devices, beside a bare hub", "medians", [.. delays.SelectMany(row => row.Bars(row.Name))], logarithmic: true),
            new { Devices = users * DevicesEach, Updates = updates, MessageBytes = message.ToJsonString().Length, Memory = memory, TwinMemory = twinMemory, Delays = delays }, options.IsWhole);

        Comparison Compare(string name, Func<Arrival, double> part) => Comparison.Of(name, "ms", [.. times.Select(part)], [.. twins.Select(part)]);
    }

    private static async Task Send(HttpClient user, JsonNode message)
    {
        using var content = new StringContent(message.ToJsonString());
        using var response = await user.PostAsync("/send", content);
        response.EnsureSuccessStatusCode();
    }

    private static string Tables(ConnectionMemory own, ConnectionMemory twin, List<Comparison> delays, int devices, int updates, int warmUps)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"| {devices:N0} connections | TodoFlow | for each | twin | for each | times the twin's |");
        text.WriteLine("|---|---:|---:|---:|---:|---:|");
        text.WriteLine($"| resident before | {own.Before:0.0} MiB | | {twin.Before:0.0} MiB | | |");
        Row("connected", own.Connected, twin.Connected);
        Row($"after {warmUps + updates} updates", own.After, twin.After);
        text.WriteLine();
        text.WriteLine($"Updates in turn with the twin's, {Pause.TotalMilliseconds:0} ms apart, after {warmUps} to warm up:");
        text.WriteLine();
        text.WriteLine($"| {updates} updates, {DevicesEach} devices each, ms | median | p99 | max | twin: median | p99 | times the twin's |");
        text.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
        foreach (var row in delays)
        {
            text.WriteLine($"| {row.Name} | {row.P50:0.0} | {row.P99:0.0} | {row.Max:0.0} | {row.TwinP50:0.0} | {row.TwinP99:0.0} | {row.TimesTwin:0.0} |");
        }

        return text.ToString();

        void Row(string name, double mebibytes, double twins)
        {
            var (each, twinEach) = ((mebibytes - own.Before) * 1024 / devices, (twins - twin.Before) * 1024 / devices);
            text.WriteLine($"| {name} | {mebibytes:0.0} MiB | {each:0.0} KiB | {twins:0.0} MiB | {twinEach:0.0} KiB | {each / twinEach:0.0} |");
        }
    }
}
