using System.Text;

namespace TodoFlow.Bench.Http;

/// <summary>Requests of one kind, or a mix, that are sent in random order.</summary>
/// <param name="Name">Its name in the tables.</param>
/// <param name="HasRawTwin">Whether the raw twin answers it.</param>
/// <param name="Target">The share of the raw twin's requests per second that it is to reach; null where none is set.</param>
/// <param name="Goal">The share of the neutral twin's; null where none is set.</param>
/// <param name="Writes">Whether it adds rows.</param>
/// <param name="Requests">Whole requests, as they are sent; what comes twice comes twice as often.</param>
public sealed record Workload(string Name, bool HasRawTwin, double? Target, double? Goal, bool Writes, IReadOnlyList<string> Requests)
{
    private const int Samples = 1000;

    private const int Drawn = 3;

    /// <summary>The workloads over a set of data: those with a goal, and some lists by chance; or those whose names contain a text.</summary>
    public static IReadOnlyList<Workload> Over(TaskData data, string? only, int seed)
    {
        var tokens = data.Users.Concat(data.Writers).ToDictionary(user => user, BenchHost.TokenOf);
        string[] get = [.. data.Tasks.Select(sample => Request(sample.User, "GET", $"/api/tasks/{sample.Task}"))];
        string[] list = [.. OfUsers(user => Request(user, "GET", "/api/tasks?status=pending&sort_by=due_date&order=asc&limit=50"))];
        string[] tagged = [.. OfUsers(user => Request(user, "GET", $"/api/tasks?tags={TaskData.Tag}&limit=50"))];
        string[] common = [.. OfUsers(user => Request(user, "POST", "/api/tasks/search", $$"""{"query":"{{TaskData.CommonWord}}"}"""))];
        string[] rare = [.. OfUsers(user => Request(user, "POST", "/api/tasks/search", $$"""{"query":"{{TaskData.RareWord}}"}"""))];
        string[] create = [.. Enumerable.Range(0, Samples).Select(n => Request(data.Writers[n % data.Writers.Count], "POST", "/api/tasks", NewTask(n)))];
        string[] byDue = [.. OfUsers(user => Request(user, "GET", $"/api/tasks?tags={TaskData.Tag}&sort_by=due_date&order=asc&limit=50"))];
        Workload[] always =
        [
            new("get", true, 0.75, 0.8, false, get),
            new("list 50 by due date", true, 0.75, 0.8, false, list),
            new("list by tag", true, 0.75, null, false, tagged),
            new("list by tag, by due date", false, null, 0.85, false, byDue),
            new("search, common word", true, 0.9, 1, false, common),
            new("search, rare word", true, 0.9, 0.85, false, rare),
            new("create", true, 0.65, 0.65, true, create),
            new("80/20 mix", true, 0.75, 0.75, true, [.. get.Take(400), .. Times(list, 250), .. Times(tagged, 100), .. Times(rare, 50), .. create.Take(200)]),
        ];
        var drawn = (only is null ? ListWorkload.Draw(seed, Drawn) : ListWorkload.All).Select(one =>
        {
            var random = new Random(seed);
            return new Workload(
                one.Name, false, null, null, false, [.. Enumerable.Range(0, Samples).Select(n => Request(data.Users[n % data.Users.Count], "GET", one.Query(random)))]);
        });
        return [.. always.Concat(drawn).Where(workload => only is null || workload.Name.Contains(only, StringComparison.Ordinal))];

        IEnumerable<string> OfUsers(Func<Guid, string> request) => data.Users.Select(request);

        string Request(Guid user, string method, string path, string? body = null)
        {
            var content = body is null ? "" : $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n";
            return $"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {tokens[user]}\r\nX-User: {user}\r\n{content}\r\n{body}";
        }
    }

    private static IEnumerable<string> Times(string[] requests, int count) => Enumerable.Range(0, count).Select(n => requests[n % requests.Length]);

    private static string NewTask(int n) =>
        $$"""{"title":"Water the plants {{n}}","description":"The ones on the balcony, too","priority":"high","tags":["home","weekly"],"due_date":"2026-12-{{1 + n % 28:00}}T09:30:00Z"}""";
}
