using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using TodoFlow.Bench.Http;
using TodoFlow.Bench.Reports;

namespace TodoFlow.Bench.Sync;

/// <summary>
/// Pulls of devices, at 8 connections among a million tasks: of 50 changes, and of nothing new. Beside a twin that asks for the rows by their
/// transaction and writes them, with no token, no page and nothing that was removed.
/// </summary>
public static class SyncBench
{
    private const int Connections = 8;
    private const int TasksEach = 10_000;
    private const int Changes = 50;

    /// <summary>Measures both.</summary>
    public static async Task Run(BenchOptions options)
    {
        var machine = await Machine.Describe(options.Server);
        var (users, rounds, seconds) = (options.IsQuick ? 10 : 100, options.Rounds ?? (options.IsQuick ? 1 : 3), options.Seconds ?? (options.IsQuick ? 2 : 5));
        Console.WriteLine($"{users} × {TasksEach:N0} tasks: adding them");
        var data = await TaskData.Create(options.Server, users, TasksEach);
        await using var twin = await RawTwin.Start(data.Database);
        await using var host = await BenchHost.StartOn(data.Database, [.. BenchHost.HttpOnly()]);
        var (before, xidBefore) = await Tokens(host.Server.Address, data);
        await BenchDatabase.Execute(
            data.Database,
            $"update task_item set version = version + 1 where id in (select id from (select id, row_number() over (partition by user_id order by substr(id::text, 20)) as n from task_item) as numbered where n <= {Changes})",
            "vacuum (analyze) task_item");
        var (after, xidAfter) = await Tokens(host.Server.Address, data, before);
        var times = await ProcessorTimes.Of(options.Server);
        var rows = new List<(string Name, List<Round> Own, List<Round> Twins)>();
        foreach (var (name, tokens, xid) in new[] { ($"pull of {Changes} changes", before, xidBefore), ("pull of nothing new", after, xidAfter) })
        {
            var workload = new Workload(name, true, null, null, false, [.. tokens.Select(token => Pull(token.Key, token.Value, xid))]);
            var (own, twins) = (new List<Round>(), new List<Round>());
            for (var round = 0; round <= rounds; round++) // the first one warms up
            {
                own.Add(await Wrk.Load(host.Server, times, workload, Connections, seconds));
                twins.Add(await Wrk.Load(twin, times, workload, Connections, seconds));
            }

            rows.Add((name, own[1..], twins[1..]));
        }

        var page = new PerformancePage("sync", machine, options.Command("sync"));
        await page.Publish(
            Table(rows, users),
            BarChart.Draw($"Pulls among {users * TasksEach:N0} tasks at {Connections} connections", "95th percentile", [.. rows.SelectMany(Bars)]),
            new { Users = users, TasksEach, Changes, Connections, Rows = rows.Select(row => new { row.Name, row.Own, row.Twins }) },
            options.IsWhole);
        await BenchDatabase.Drop(options.Server, data.Database);
    }

    // A token of each user, once everything was told, and the transaction that it stands for.
    private static async Task<(Dictionary<Guid, string> Tokens, ulong Xid)> Tokens(Uri host, TaskData data, Dictionary<Guid, string>? from = null)
    {
        using var http = new HttpClient { BaseAddress = host };
        var tokens = new Dictionary<Guid, string>();
        foreach (var user in data.Users)
        {
            var (token, more) = (from?[user], true);
            while (more)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/api/sync")
                {
                    Content = new StringContent(Body(token, 1000), Encoding.UTF8, "application/json"),
                    Headers = { Authorization = new AuthenticationHeaderValue("Bearer", BenchHost.TokenOf(user)) },
                };
                using var response = await http.SendAsync(request);
                response.EnsureSuccessStatusCode();
                var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
                (token, more) = (answer["sync_token"]!.GetValue<string>(), answer["has_more"]!.GetValue<bool>());
            }

            tokens[user] = token!;
        }

        return (tokens, ulong.Parse(await BenchDatabase.Ask<string>(data.Database, "select pg_snapshot_xmin(pg_current_snapshot())::text"), CultureInfo.InvariantCulture));
    }

    private static string Body(string? token, int limit) =>
        new JsonObject { ["sync_token"] = token, ["resources"] = token is null ? new JsonArray("tasks") : null, ["limit"] = limit }.ToJsonString();

    private static string Pull(Guid user, string token, ulong xid)
    {
        var body = Body(token, 500);
        return $"POST /api/sync HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {BenchHost.TokenOf(user)}\r\nX-User: {user}\r\nX-Xid: {xid}\r\n" +
            $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";
    }

    private static string Table(IEnumerable<(string Name, List<Round> Own, List<Round> Twins)> rows, int users)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"| {users * TasksEach:N0} tasks, {Connections} connections, ms | p50 | p95 | p99 | requests/s | CPU: server + database | twin: p50 | p95 | requests/s | CPU |");
        text.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var (name, own, twins) in rows)
        {
            text.WriteLine(
                $"| {name} | {Of(own, round => round.P50):0.0} | {Of(own, round => round.P95):0.0} | {Of(own, round => round.P99):0.0} | {Of(own, round => round.RequestsPerSecond):N0} " +
                $"| {Of(own, round => round.ServerCpu):0} + {Of(own, round => round.DatabaseCpu):0} µs " +
                $"| {Of(twins, round => round.P50):0.0} | {Of(twins, round => round.P95):0.0} | {Of(twins, round => round.RequestsPerSecond):N0} " +
                $"| {Of(twins, round => round.ServerCpu):0} + {Of(twins, round => round.DatabaseCpu):0} µs |");
        }

        return text.ToString();
    }

    private static IEnumerable<Bar> Bars((string Name, List<Round> Own, List<Round> Twins) row)
    {
        var (own, twins) = (Of(row.Own, round => round.P95), Of(row.Twins, round => round.P95));
        yield return new(row.Name, "TodoFlow", own, string.Create(CultureInfo.InvariantCulture, $"{own:0.0} ms"));
        yield return new(row.Name, "twin", twins, string.Create(CultureInfo.InvariantCulture, $"{twins:0.0} ms"));
    }

    private static double Of(IEnumerable<Round> rounds, Func<Round, double> value) => rounds.Select(value).Median();
}
