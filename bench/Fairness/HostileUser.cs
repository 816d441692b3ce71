using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace TodoFlow.Bench.Fairness;

/// <summary>An attack: how many requests are always under way, and what the next one is.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Parallel">How many at once.</param>
/// <param name="Next">Makes the request of this number.</param>
internal sealed record Attack(string Name, int Parallel, Func<int, HttpRequestMessage> Next);

/// <summary>One user who asks for as much as the API takes, and never waits but for a tenth of a second after a refusal.</summary>
internal sealed class HostileUser
{
    private const int Tasks = 4_000, Lists = 200, Updates = 300;

    private static readonly TimeSpan AfterRefusal = TimeSpan.FromMilliseconds(100);

    private readonly string _token;
    private readonly string _edited;

    private HostileUser(string token, string edited) => (_token, _edited) = (token, edited);

    /// <summary>The attacks, in turn.</summary>
    public IReadOnlyList<Attack> Attacks =>
    [
        new("searches: 120 at once, of 70 and of 20 random words", 120, number => Json("/api/tasks/search", new JsonObject { ["query"] = Words(number % 2 == 0 ? 70 : 20) })),
        new("memory: 60 at once, lists of 200 long tasks and histories", 60, number => new(
            HttpMethod.Get, number % 2 == 0 ? "/api/tasks?limit=200&sort_by=created_at&order=desc" : $"/api/tasks/{_edited}/history")),
        new("passwords: 30 wrong ones at once, of one address", 30, number => SignIn(number, "203.0.113.1")),
        new("passwords: 30 wrong ones at once, of 30 addresses", 30, number => SignIn(number, $"203.0.113.{number % 30}")),
    ];

    /// <summary>Signs the user up and stores what the attacks need: 4,000 long tasks by SQL, the rest as a client does.</summary>
    public static async Task<HostileUser> SignUp(Uri server, string database)
    {
        using var http = new HttpClient { BaseAddress = server };
        http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.1");
        var answer = await BenchHost.Post(http, "/api/auth/register", new JsonObject { ["email"] = "hostile@example.com", ["password"] = "correct horse battery" });
        var token = answer["access_token"]!.GetValue<string>();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var user = Guid.Parse((await http.GetFromJsonAsync<JsonNode>("/api/me"))!["id"]!.GetValue<string>());
        await using (var source = NpgsqlDataSource.Create(database))
        {
            await using var command = source.CreateCommand(
                $"""
                insert into task_item (id, user_id, title, description, status, priority, tags, time_zone, recurrence_basis, version, created_at, updated_at, field_versions)
                select gen_random_uuid(), $1, 'Task ' || md5(number::text), text, 0, 1, '{"{}"}', 'UTC', 0, 1, now(), now(), '{"{}"}'
                from generate_series(1, {Tasks}) as number, lateral (
                    select left(string_agg('w' || (random() * 20000)::int, ' '), 10000) as text from generate_series(1, 1600 + number - number)) as long
                """);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
            command.CommandTimeout = 300;
            await command.ExecuteNonQueryAsync();
        }

        // Six bytes of JSON a character, where they are kept; three, where they are not.
        await Parallel.ForAsync(0, 2 * Lists, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (number, ct) =>
            await Send(http, HttpMethod.Post, "/api/tasks", number, new string(number % 2 == 0 ? '\u0001' : '€', 10_000)));
        var edited = (await BenchHost.Post(http, "/api/tasks", new JsonObject { ["title"] = "edited" }))["id"]!.GetValue<string>();
        for (var update = 0; update < Updates; update++)
        {
            await Send(http, HttpMethod.Put, $"/api/tasks/{edited}", update, new string((char)(update % 4 < 2 ? 1 + (update % 2) : '€' + (update % 2)), 10_000));
        }

        return new HostileUser(token, edited);
    }

    /// <summary>Attacks until it is over.</summary>
    /// <returns>How many responses had which status; 0 is none.</returns>
    public async Task<SortedDictionary<int, int>> Run(Attack attack, Uri server, CancellationToken over)
    {
        using var http = new HttpClient { BaseAddress = server, Timeout = TimeSpan.FromMinutes(2) };
        var (statuses, sent) = (new ConcurrentDictionary<int, int>(), 0);
        await Task.WhenAll(Enumerable.Range(0, attack.Parallel).Select(_ => Task.Run(Repeat, CancellationToken.None)));
        return new SortedDictionary<int, int>(statuses);

        async Task Repeat()
        {
            while (!over.IsCancellationRequested)
            {
                var status = 0;
                try
                {
                    using var request = attack.Next(Interlocked.Increment(ref sent));
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
                    using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, over);
                    await response.Content.CopyToAsync(Stream.Null, over);
                    status = (int)response.StatusCode;
                }
                catch (OperationCanceledException) when (over.IsCancellationRequested)
                {
                    return; // it was under way to the end
                }
                catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
                {
                    // It hung, or broke off.
                }

                statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
                if (status is not 200)
                {
                    await Task.Delay(AfterRefusal, CancellationToken.None);
                }
            }
        }
    }

    private static string Words(int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ => $"w{Random.Shared.Next(20_000)}"));

    private static HttpRequestMessage SignIn(int number, string address)
    {
        var request = Json("/api/auth/login", new JsonObject { ["email"] = $"somebody{number}@example.com", ["password"] = "a wrong password" });
        request.Headers.Add("X-Forwarded-For", address);
        return request;
    }

    private static HttpRequestMessage Json(string path, JsonObject body) => new(HttpMethod.Post, path) { Content = JsonContent.Create(body) };

    // What is refused is tried again: the attack is to be as bad as it can be.
    private static async Task Send(HttpClient http, HttpMethod method, string path, int number, string description)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(new JsonObject { ["title"] = $"long {number}", ["description"] = description }) };
            using var response = await http.SendAsync(request);
            if (response.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(AfterRefusal);
        }

        throw new InvalidOperationException($"{method} {path} was refused again and again.");
    }
}
