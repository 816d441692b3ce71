using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace TodoFlow.Bench.Fairness;

/// <summary>
/// Ten users who send fifty requests a second together and sign in once a second, at instants that are fixed beforehand: a request that
/// should have been sent while the server hung counts from when it should have been.
/// </summary>
internal sealed class OrdinaryUsers : IDisposable
{
    private const int Count = 10, TasksEach = 50, PerSecond = 50;
    private const string Password = "correct horse battery";

    // A client that waits for longer has given up.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<User> _users = [];

    /// <summary>The first of them, whose reminders are measured.</summary>
    public Guid First => _users[0].Id;

    /// <summary>Signs them up and gives them tasks.</summary>
    public static async Task<OrdinaryUsers> SignUp(Uri server)
    {
        var users = new OrdinaryUsers();
        for (var number = 0; number < Count; number++)
        {
            using var http = Client(server, $"198.51.100.{number}");
            var email = $"ordinary{number}@example.com";
            var answer = await BenchHost.Post(http, "/api/auth/register", new JsonObject { ["email"] = email, ["password"] = Password });
            var token = answer["access_token"]!.GetValue<string>();
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            var user = new User(Guid.Parse((await http.GetFromJsonAsync<JsonNode>("/api/me"))!["id"]!.GetValue<string>()), email, token, $"198.51.100.{number}", []);
            for (var task = 0; task < TasksEach; task++)
            {
                user.Tasks.Add((await BenchHost.Post(http, "/api/tasks", NewTask(task)))["id"]!.GetValue<string>());
            }

            users._users.Add(user);
        }

        return users;
    }

    /// <summary>Sends what is planned for a time, and waits for every response.</summary>
    public async Task<OrdinaryResult> Send(Uri server, TimeSpan time)
    {
        using var clients = new Clients(_users.Select(user => Client(server, user.Address, user.Token)).ToList());
        var (requests, signIns, statuses) = (new ConcurrentBag<double>(), new ConcurrentBag<double>(), new ConcurrentDictionary<int, int>());
        var (open, start) = (new List<Task>(), Stopwatch.GetTimestamp());
        for (var number = 0; number < PerSecond * time.TotalSeconds; number++)
        {
            var planned = TimeSpan.FromSeconds(1.0 / PerSecond) * number;
            if (planned - Stopwatch.GetElapsedTime(start) is { } left && left > TimeSpan.Zero)
            {
                await Task.Delay(left);
            }

            var (user, http, request) = (_users[number % Count], clients.All[number % Count], number);
            open.Add(Timed(requests, planned, () => http.SendAsync(Request(user, request))));
            if (number % PerSecond == 0)
            {
                var one = number / PerSecond % Count; // in turn: one who signs in again before the last sign-in is answered waits for it
                open.Add(Timed(signIns, planned, () => clients.All[one].PostAsJsonAsync("/api/auth/login", new JsonObject { ["email"] = _users[one].Email, ["password"] = Password })));
            }
        }

        await Task.WhenAll(open);
        return new OrdinaryResult([.. requests], [.. signIns], new SortedDictionary<int, int>(statuses));

        async Task Timed(ConcurrentBag<double> times, TimeSpan planned, Func<Task<HttpResponseMessage>> send)
        {
            var status = 0; // no response
            try
            {
                using var response = await send();
                await response.Content.ReadAsByteArrayAsync();
                status = (int)response.StatusCode;
            }
            catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
            {
                // It hung, or broke off.
            }

            times.Add((Stopwatch.GetElapsedTime(start) - planned).TotalMilliseconds);
            statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _users.Clear();

    // What people do: mostly they look.
    private static HttpRequestMessage Request(User user, int number)
    {
        var task = user.Tasks[number / Count % TasksEach];
        return (number / Count % 10) switch
        {
            0 => new(HttpMethod.Post, "/api/tasks") { Content = JsonContent.Create(NewTask(number)) },
            1 => new(HttpMethod.Put, $"/api/tasks/{task}") { Content = JsonContent.Create(new JsonObject { ["title"] = $"Water the plants {number}" }) },
            2 => new(HttpMethod.Post, "/api/tasks/search") { Content = JsonContent.Create(new JsonObject { ["query"] = "balcony" }) },
            3 => new(HttpMethod.Get, "/api/notifications"),
            4 or 5 => new(HttpMethod.Get, $"/api/tasks/{task}"),
            _ => new(HttpMethod.Get, "/api/tasks?status=pending&sort_by=due_date&order=asc&limit=50"),
        };
    }

    private static JsonObject NewTask(int number) => new()
    {
        ["title"] = $"Water the plants {number}",
        ["description"] = "The ones on the balcony, too",
        ["due_date"] = "2030-12-01T09:30:00Z",
    };

    private static HttpClient Client(Uri server, string address, string? token = null)
    {
        var http = new HttpClient { BaseAddress = server, Timeout = Patience };
        http.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    private sealed record User(Guid Id, string Email, string Token, string Address, List<string> Tasks);

    private sealed record Clients(List<HttpClient> All) : IDisposable
    {
        public void Dispose() => All.ForEach(http => http.Dispose());
    }
}

/// <summary>What the ordinary users met.</summary>
/// <param name="Requests">How long each request took from its planned instant, in milliseconds.</param>
/// <param name="SignIns">And each sign-in.</param>
/// <param name="Statuses">How many responses had which status; 0 is none.</param>
internal sealed record OrdinaryResult(IReadOnlyList<double> Requests, IReadOnlyList<double> SignIns, SortedDictionary<int, int> Statuses)
{
    /// <summary>Responses that were the server's fault, and those that did not come.</summary>
    public int Failed => Statuses.Where(status => status.Key is 0 or >= 500).Sum(status => status.Value);
}
