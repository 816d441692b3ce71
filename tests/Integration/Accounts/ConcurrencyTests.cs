using Npgsql;
using TodoFlow.Host;
using TodoFlow.Tests.Integration.Realtime;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>Whoever keeps the service busy keeps himself waiting, and nobody else.</summary>
public sealed class ConcurrencyTests(ConcurrencyTests.App app, ConcurrencyTests.AloneApp own) : IClassFixture<ConcurrencyTests.App>, IClassFixture<ConcurrencyTests.AloneApp>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // a held request would take for ever

    [Fact]
    public async Task A_user_with_too_many_requests_is_refused_and_another_is_served()
    {
        using var alice = await app.SignUp();
        using var bob = await app.SignUp();
        var task = (await alice.Post("/api/tasks", new { title = "Buy milk" })).Is(201).Id;
        await using var held = await Hold(app, task);
        var writes = Writes(alice, task, App.PerUser + App.QueuedPerUser + 1);
        var refused = await First(writes); // the others are held

        refused.IsProblem(429, "too_many_at_once");
        Assert.Equal("1", refused.Header("Retry-After"));
        (await bob.Get("/api/tasks").WaitAsync(Patience)).Is(200);
        (await bob.Post("/api/tasks", new { title = "Buy bread" }).WaitAsync(Patience)).Is(201);

        await held.RollbackAsync();
        Assert.All(await Task.WhenAll(writes), answer => answer.Is(200)); // those that waited, too
        (await alice.Get("/api/tasks")).Is(200);
    }

    [Fact]
    public async Task A_user_who_is_alone_has_a_larger_share_until_another_comes()
    {
        using var alice = await own.SignUp();
        using var bob = await own.SignUp();
        var task = (await alice.Post("/api/tasks", new { title = "Buy milk" })).Is(201).Id;
        await using var held = await Hold(own, task);
        var alone = Writes(alice, task, App.PerUser + 2); // one too many
        (await First(alone)).IsProblem(429, "too_many_at_once");

        (await bob.Get("/api/tasks").WaitAsync(Patience)).Is(200);
        var beside = Writes(alice, task, App.PerUser + 1);
        (await First(beside)).IsProblem(429, "too_many_at_once");

        await held.RollbackAsync();
        Assert.All(await Task.WhenAll([.. alone, .. beside]), answer => answer.Is(200));
    }

    [Fact]
    public async Task While_all_requests_are_taken_reminders_fire_and_the_process_is_ready()
    {
        using var dora = await app.SignUp();
        await using var device = await RealtimeApp.Connect(dora);
        var due = DateTimeOffset.UtcNow.AddSeconds(5);
        var reminded = (await dora.Post("/api/tasks", new { title = "Ring", due_date = due, reminder_offset = "0 minutes" })).Is(201).Id;
        var (users, locks) = (new List<(ApiClient Client, Guid Task)>(), new List<NpgsqlTransaction>());
        for (var writers = 0; writers <= App.Requests + App.Queued; writers += App.PerUser) // one too many at the least
        {
            var user = await app.SignUp();
            users.Add((user, (await user.Post("/api/tasks", new { title = "Buy milk" })).Is(201).Id));
            locks.Add(await Hold(app, users[^1].Task));
        }

        var writes = users.SelectMany(user => Enumerable.Repeat(user, App.PerUser)).Take(App.Requests + App.Queued + 1)
            .Select(user => user.Client.Put($"/api/tasks/{user.Task}", new { title = "Buy bread" })).ToList();
        var refused = (await First(writes)).IsProblem(503, "overloaded");
        Assert.Equal("2", refused.Header("Retry-After"));

        using var probe = app.Anonymous();
        (await probe.Get("/health/ready").WaitAsync(Patience)).Is(200);
        await device.Next("task_update"); // the new task
        Assert.Equal(reminded, (Guid)(await device.Next("reminder"))["task_id"]!);

        foreach (var one in locks)
        {
            await one.RollbackAsync();
        }

        Assert.All(await Task.WhenAll(writes), answer => answer.Is(200)); // those that waited, too
        users.ForEach(user => user.Client.Dispose());
    }

    [Fact]
    public async Task Searches_of_a_user_are_fewer_at_once_and_end_in_time()
    {
        using var alice = await app.SignUp();
        await using var connection = await app.Database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("lock table task_item in access exclusive mode", connection))
        {
            await command.ExecuteNonQueryAsync();
        }

        var searches = Enumerable.Range(0, App.Searches + App.QueuedPerUser + 1).Select(_ => alice.Post("/api/tasks/search", new { query = "milk" })).ToList();
        (await First(searches)).IsProblem(429, "too_many_at_once");
        (await First(searches)).IsProblem(503, "search_timeout");
        await transaction.RollbackAsync();
        Assert.All(await Task.WhenAll(searches), answer => Assert.True(answer.Status is 200 or 503, answer.Body)); // on a slow machine the others end in time, too
        (await alice.Post("/api/tasks/search", new { query = "milk" })).Is(200);
    }

    [Fact]
    public async Task Searches_by_the_tools_of_the_assistant_wait_for_the_same_turns()
    {
        using var alice = await app.SignUp();
        var mcp = new McpCaller(alice);
        await using var connection = await app.Database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("lock table task_item in access exclusive mode", connection))
        {
            await command.ExecuteNonQueryAsync();
        }

        var searches = Enumerable.Range(0, App.Searches + App.QueuedPerUser + 1).Select(_ => alice.Post("/api/tasks/search", new { query = "milk" })).ToList();
        (await First(searches)).IsProblem(429, "too_many_at_once");
        Assert.Equal("too_many_at_once", (string)(await mcp.Fails("find_tasks", new { query = "milk" }))["code"]!);

        await transaction.RollbackAsync();
        Assert.All(await Task.WhenAll(searches), answer => Assert.True(answer.Status is 200 or 503, answer.Body));
    }

    [Fact]
    public async Task A_search_has_twenty_words_at_most()
    {
        using var alice = await app.SignUp();

        (await alice.Post("/api/tasks/search", new { query = string.Join("  ", Enumerable.Repeat("milk", 20)) })).Is(200);
        var refused = (await alice.Post("/api/tasks/search", new { query = string.Join(' ', Enumerable.Repeat("milk", 21)) })).IsProblem(400, "invalid_request");
        Assert.Equal("query must have at most 20 words, not 21.", refused.Text("detail"));
    }

    [Fact]
    public async Task Sign_ins_of_one_address_wait_for_each_other_and_those_of_another_do_not()
    {
        using var client = app.Anonymous();
        var body = new { email = $"{Guid.NewGuid():N}@example.com", password = "correct horse battery" };
        (await client.Post("/api/auth/register", body)).Is(201);
        var wrong = Enumerable.Range(0, App.QueuedPerUser + 20)
            .Select(_ => client.Post("/api/auth/login", new { body.email, password = "wrong horse battery" }, ("X-Forwarded-For", "203.0.113.7"))).ToList();

        (await client.Post("/api/auth/login", body, ("X-Forwarded-For", "203.0.113.8")).WaitAsync(Patience)).Is(200);
        var answers = await Task.WhenAll(wrong);
        Assert.All(answers, answer => Assert.True(answer is { Status: 401 } || answer.Text("code") is "too_many_at_once", answer.Body));
        Assert.Contains(answers, answer => answer.Status == 429);
        Assert.Contains(answers, answer => answer.Status == 401);
    }

    private static List<Task<ApiAnswer>> Writes(ApiClient user, Guid task, int count) =>
        [.. Enumerable.Range(0, count).Select(number => user.Put($"/api/tasks/{task}", new { title = $"Buy {number}" }))];

    // A row that is locked keeps whoever writes it waiting.
    private static async Task<NpgsqlTransaction> Hold(TestApp app, Guid task)
    {
        var connection = await app.Database.Source.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand($"select from task_item where id = '{task}' for update", connection, transaction);
        await command.ExecuteNonQueryAsync();
        return transaction;
    }

    // The first response of those that are still open, which is taken out.
    private static async Task<ApiAnswer> First(List<Task<ApiAnswer>> open)
    {
        var first = await Task.WhenAny(open).WaitAsync(Patience);
        open.Remove(first);
        return await first;
    }

    public sealed class AloneApp : TestApp
    {
        protected override void Configure(HostApplicationOptions options)
        {
            options.Settings["Concurrency:RequestsPerUser"] = $"{App.PerUser}";
            options.Settings["Concurrency:RequestsAlone"] = $"{App.PerUser + 1}";
            options.Settings["Concurrency:QueuedPerUser"] = "0";
        }
    }

    public sealed class App : TestApp
    {
        public const int Requests = 6;
        public const int PerUser = 2;
        public const int Searches = 1;
        public const int QueuedPerUser = 3;
        public const int Queued = 2;

        protected override void Configure(HostApplicationOptions options)
        {
            options.Settings["Concurrency:Requests"] = $"{Requests}";
            options.Settings["Concurrency:RequestsPerUser"] = $"{PerUser}";
            options.Settings["Concurrency:SearchesPerUser"] = $"{Searches}";
            options.Settings["Concurrency:RequestsAlone"] = $"{PerUser}";
            options.Settings["Concurrency:SearchesAlone"] = $"{Searches}";
            options.Settings["Concurrency:QueuedPerUser"] = $"{QueuedPerUser}";
            options.Settings["Concurrency:Queued"] = $"{Queued}";
            options.Settings["RateLimits:TrustedProxies"] = "1";
        }
    }
}
