using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using TodoFlow.Bench.Http;
using TodoFlow.Bench.Reports;
using TodoFlow.Tests.Support;

namespace TodoFlow.Bench.Assistant;

/// <summary>
/// What the protocol costs: a page of tasks by <c>find_tasks</c> of the MCP server beside the same page by <c>GET /api/tasks</c>. And what
/// many conversations at once need, with a model that says a word every 20 ms: memory, and the time to the first word.
/// </summary>
public static class AssistantBench
{
    private const int Connections = 8, Users = 200, TasksEach = 1_000, PageSize = 20, Words = 50;

    private static readonly TimeSpan BetweenWords = TimeSpan.FromMilliseconds(20);

    /// <summary>Measures both.</summary>
    public static async Task Run(BenchOptions options)
    {
        var machine = await Machine.Describe(options.Server);
        var (users, rounds, seconds) = (options.IsQuick ? 20 : Users, options.Rounds ?? (options.IsQuick ? 1 : 3), options.Seconds ?? (options.IsQuick ? 2 : 5));
        var data = await TaskData.Create(options.Server, users, TasksEach);
        await using var model = await ScriptedModel.Start();
        await using var host = await BenchHost.StartOn(
            data.Database, [.. BenchHost.HttpOnly(), ("Chat__Endpoint", model.Address.AbsoluteUri), ("Chat__Model", "scripted-1"), ("Concurrency__Requests", "60")]);
        var (mcp, list) = (new List<Load>(), new List<Load>());
        for (var round = 0; round <= rounds; round++) // the first one warms up
        {
            mcp.Add(await Measure(host.Server.Address, data.Users, Call, TimeSpan.FromSeconds(seconds)));
            list.Add(await Measure(host.Server.Address, data.Users, List, TimeSpan.FromSeconds(seconds)));
        }

        var chats = new List<Chats>();
        for (var round = 0; round <= rounds; round++)
        {
            chats.Add(await Chat(host.Server, model, data.Users));
        }

        await BenchDatabase.Drop(options.Server, data.Database);
        var page = new PerformancePage("assistant", machine, options.Command("assistant"));
        await page.Publish(
            Table(mcp[1..], list[1..], chats[1..], users),
            BarChart.Draw($"A page of {PageSize} tasks, {Connections} connections", "95th percentile", [Bar("MCP find_tasks", mcp[1..]), Bar("GET /api/tasks", list[1..])]),
            new { Users = users, TasksEach, PageSize, Connections, Mcp = mcp[1..], List = list[1..], Chats = chats[1..] },
            options.IsWhole);
    }

    private static HttpRequestMessage Call()
    {
        var body = new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = 1,
            ["method"] = "tools/call",
            ["params"] = new JsonObject { ["name"] = "find_tasks", ["arguments"] = new JsonObject { ["limit"] = PageSize } },
        };
        var request = Json("/api/mcp", body, "application/json", "text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2025-11-25");
        return request;
    }

    private static HttpRequestMessage List() => new(HttpMethod.Get, $"/api/tasks?status=pending&sort_by=due_date&order=asc&limit={PageSize}");

    private static HttpRequestMessage Json(string path, JsonObject body, params string[] accepted)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        foreach (var type in accepted)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }

        return request;
    }

    private static Task<Load> Measure(Uri server, IReadOnlyList<Guid> users, Func<HttpRequestMessage> next, TimeSpan duration)
    {
        var bearers = users.Select(Bearer).ToArray();
        return Load.Measure(server, Connections, duration, random =>
        {
            var request = next();
            request.Headers.Authorization = bearers[random.Next(bearers.Length)];
            return request;
        });
    }

    // Every user says one thing, all at once.
    private static async Task<Chats> Chat(ServerProcess server, ScriptedModel model, IReadOnlyList<Guid> users)
    {
        for (var user = 0; user < users.Count; user++)
        {
            model.Does(async http =>
            {
                for (var word = 0; word < Words; word++)
                {
                    await ScriptedModel.Write(http, ScriptedModel.Delta(new JsonObject { ["content"] = "word " }));
                    await Task.Delay(BetweenWords, http.RequestAborted);
                }

                await ScriptedModel.Write(http, ScriptedModel.Finish("stop"), ScriptedModel.Usage(100, Words));
                await http.Response.WriteAsync("data: [DONE]\n\n");
            });
        }

        using var http = new HttpClient { BaseAddress = server.Address };
        var (before, began) = (server.ResidentBytes, Stopwatch.GetTimestamp());
        var times = await Task.WhenAll(users.Select(user => Task.Run(async () =>
        {
            using var request = Json("/api/chat", new JsonObject { ["message"] = "What is due today?" }, "text/event-stream");
            request.Headers.Authorization = Bearer(user);
            var sent = Stopwatch.GetTimestamp();
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            response.EnsureSuccessStatusCode();
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
            var (first, done, last) = (0d, false, "");
            while (await lines.ReadLineAsync() is { } line)
            {
                first = first == 0 && line == "event: delta" ? Stopwatch.GetElapsedTime(sent).TotalMilliseconds : first;
                done |= line == "event: done";
                last = line.Length > 0 ? line : last;
            }

            return first > 0 && done ? first : throw new InvalidOperationException($"A conversation ended with {last}");
        })));
        return new(times.Median(), times.Percentile(95), Stopwatch.GetElapsedTime(began).TotalSeconds, before / 1024.0 / 1024, server.PeakResidentBytes / 1024.0 / 1024);
    }

    private static AuthenticationHeaderValue Bearer(Guid user) => new("Bearer", BenchHost.TokenOf(user));

    private static string Table(IReadOnlyList<Load> mcp, IReadOnlyList<Load> list, IReadOnlyList<Chats> chats, int users)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"| a page of {PageSize} of {TasksEach:N0} tasks, {Connections} connections | p50 ms | p95 | requests/s |");
        text.WriteLine("|---|---:|---:|---:|");
        foreach (var (name, loads) in new[] { ("`find_tasks` by MCP", mcp), ("`GET /api/tasks`", list) })
        {
            text.WriteLine($"| {name} | {Of(loads, load => load.P50):0.0} | {Of(loads, load => load.P95):0.0} | {Of(loads, load => load.RequestsPerSecond):N0} |");
        }

        text.WriteLine();
        text.WriteLine($"| conversations at once, of a model that says {Words} words, one every {BetweenWords.TotalMilliseconds:0} ms | first word: p50 ms | p95 | all done after s | MiB before | most MiB |");
        text.WriteLine("|---|---:|---:|---:|---:|---:|");
        text.WriteLine(
            $"| {users} | {Of(chats, chat => chat.P50):0} | {Of(chats, chat => chat.P95):0} | {Of(chats, chat => chat.Seconds):0.0} | {Of(chats, chat => chat.MiBBefore):0} | {Of(chats, chat => chat.PeakMiB):0} |");
        return text.ToString();
    }

    private static Bar Bar(string name, IReadOnlyList<Load> loads)
    {
        var p95 = Of(loads, load => load.P95);
        return new(name, "p95", p95, string.Create(CultureInfo.InvariantCulture, $"{p95:0.0} ms"));
    }

    private static double Of<T>(IEnumerable<T> rounds, Func<T, double> value) => rounds.Select(value).Median();

    /// <summary>What one round of conversations measured: times to the first word in milliseconds, and memory.</summary>
    private sealed record Chats(double P50, double P95, double Seconds, double MiBBefore, double PeakMiB);
}
