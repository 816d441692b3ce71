using System.Diagnostics;
using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench;

/// <summary>
/// One host with 2,000 connected devices of 40 users: how much memory each takes, and how long it takes from sending a change of a task
/// until the first and the last of the 50 devices of its user know of it.
/// </summary>
public static class RealtimeBench
{
    private const int Users = 40;
    private const int DevicesEach = 50;
    private const int WarmUps = 50;
    private const int Updates = 500;

    /// <summary>Measures and prints two tables.</summary>
    public static async Task Run(string server)
    {
        await using var host = await BenchHost.Start(
            server, ("Events__Transport", "postgres"), ("RateLimits__SignInsPerMinute", "1000000"), ("Auth__PasswordIterations", "100000"));
        var users = new List<HttpClient>();
        for (var i = 0; i < Users; i++)
        {
            users.Add(await host.SignUp($"device{i}@example.com"));
        }

        // What the process needs anyway is warm before the first measurement: one device of each user comes and goes.
        foreach (var user in users)
        {
            using var device = await Connect(user);
        }

        var before = host.ResidentBytes;
        var devices = new List<List<HubClient>>();
        foreach (var user in users)
        {
            devices.Add([.. await Task.WhenAll(Enumerable.Range(0, DevicesEach).Select(_ => Connect(user)))]);
        }

        var after = host.ResidentBytes;
        using var stop = new CancellationTokenSource();
        var alive = KeepAlive([.. devices.SelectMany(all => all)], stop.Token);
        var times = new List<(double First, double Last)>(Updates);
        for (var i = 0; i < WarmUps + Updates; i++)
        {
            var time = await Update(users[i % Users], devices[i % Users], i);
            if (i >= WarmUps)
            {
                times.Add(time);
            }
        }

        var busy = host.ResidentBytes;
        await stop.CancelAsync();
        await alive;
        Console.WriteLine($"| memory of the host | MiB | for each of {Users * DevicesEach} connections |");
        Console.WriteLine("|---|---|---|");
        Console.WriteLine($"| before | {before / 1048576.0:0.0} | |");
        Console.WriteLine($"| connected | {after / 1048576.0:0.0} | {(after - before) / 1024.0 / (Users * DevicesEach):0.0} KiB |");
        Console.WriteLine($"| after {WarmUps + Updates} updates | {busy / 1048576.0:0.0} | {(busy - before) / 1024.0 / (Users * DevicesEach):0.0} KiB |");
        Console.WriteLine();
        Console.WriteLine($"| {Updates} updates, {DevicesEach} devices each | median | p99 | max |");
        Console.WriteLine("|---|---|---|---|");
        Print("request sent to first device", times.Select(time => time.First));
        Print("request sent to last device", times.Select(time => time.Last));
        Print("first to last device", times.Select(time => time.Last - time.First));
        devices.ForEach(all => all.ForEach(device => device.Dispose()));
        users.ForEach(user => user.Dispose());
    }

    private static async Task<HubClient> Connect(HttpClient user)
    {
        var (hub, token) = await BenchHost.Negotiate(user);
        return await HubClient.Connect(hub, token);
    }

    private static async Task<(double First, double Last)> Update(HttpClient user, List<HubClient> devices, int number)
    {
        var received = devices.Select(async device =>
        {
            await device.Next();
            return Stopwatch.GetTimestamp();
        }).ToList();
        var started = Stopwatch.GetTimestamp();
        await BenchHost.Post(user, "/api/tasks", new JsonObject { ["title"] = $"task {number}" });
        var arrivals = await Task.WhenAll(received).WaitAsync(TimeSpan.FromSeconds(30));
        return (Stopwatch.GetElapsedTime(started, arrivals.Min()).TotalMilliseconds, Stopwatch.GetElapsedTime(started, arrivals.Max()).TotalMilliseconds);
    }

    private static async Task KeepAlive(List<HubClient> devices, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(10), ct);
                await Task.WhenAll(devices.Select(device => device.Ping()));
            }
        }
        catch (OperationCanceledException)
        {
            // It is measured.
        }
    }

    private static void Print(string name, IEnumerable<double> times)
    {
        var sorted = times.Order().ToList();
        Console.WriteLine($"| {name} | {sorted[sorted.Count / 2]:0.0} ms | {sorted[sorted.Count * 99 / 100]:0.0} ms | {sorted[^1]:0.0} ms |");
    }
}
