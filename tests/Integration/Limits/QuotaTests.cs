using System.Security.Cryptography;
using TodoFlow.Host;
using TodoFlow.Infrastructure.Quotas;
using TodoFlow.Infrastructure.Recurrence;
using TodoFlow.Tests.Support;
using Xunit;
using static TodoFlow.Tests.Integration.Sync.SyncRequests;

namespace TodoFlow.Tests.Integration.Limits;

/// <summary>How much one user may have stored.</summary>
public sealed class QuotaTests(QuotaTests.App app) : IClassFixture<QuotaTests.App>
{
    private const int Tasks = 10;
    private const int Bytes = 30_000;
    private const int Reminders = 4;

    [Fact]
    public async Task As_many_tasks_as_the_quota_are_stored_and_no_more()
    {
        using var alice = await app.SignUp();
        using var bob = await app.SignUp();
        var ids = new List<Guid>();
        for (var i = 0; i < Tasks; i++)
        {
            ids.Add((await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id);
        }

        RequireRefused(await alice.Post("/api/tasks", new { title = "a" }), "tasks", Tasks);
        (await bob.Post("/api/tasks", new { title = "a" })).Is(201);
        (await alice.Put($"/api/tasks/{ids[0]}", new { title = "longer", priority = "high" })).Is(200); // what is there may change
        (await alice.Delete($"/api/tasks/{ids[1]}")).Is(204);
        (await alice.Post("/api/tasks", new { title = "a" })).Is(201);
        RequireRefused(await alice.Post("/api/tasks", new { title = "a" }), "tasks", Tasks);
    }

    [Fact]
    public async Task A_device_whose_change_passes_a_quota_is_told_of_it_and_what_else_it_did_is_stored()
    {
        using var alice = await app.SignUp();
        var full = await alice.Sync(null, [.. Enumerable.Range(0, Tasks).Select(_ => Command("create", Guid.CreateVersion7(), new { title = "a" }))]);
        var (first, tooMany) = (full.Changed()[0]["id"]!.GetValue<Guid>(), Guid.CreateVersion7());
        var create = Command("create", tooMany, new { title = "too many" });

        var answer = await alice.Sync(full.Token(), create, Command("complete", tooMany), Command("delete", first), Command("create", Guid.CreateVersion7(), new { title = "b" }));

        Assert.Equal(["rejected", "rejected", "applied", "applied"], answer.Statuses());
        Assert.Equal(("quota_exceeded", 403), (answer["results"]![0]!["problem"]!["code"]!.GetValue<string>(), answer["results"]![0]!["problem"]!["status"]!.GetValue<int>()));
        Assert.Equal(["duplicate"], (await alice.Sync(answer.Token(), create)).Statuses());
        Assert.Equal(Tasks, await CountTasks(alice));
    }

    [Fact]
    public async Task A_quota_holds_however_many_requests_come_at_once()
    {
        using var alice = await app.SignUp();

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => i % 2 == 0
            ? alice.Post("/api/tasks", new { title = "a" })
            : alice.Post("/api/tasks", new { title = "a" }, ("Idempotency-Key", $"{i}"))));

        Assert.All(answers, answer => Assert.True(answer.Status is 201 or 403, answer.Body));
        var stored = answers.Count(answer => answer.Status == 201);
        Assert.InRange(stored, 1, Tasks); // one that would just have fitted may be refused while others are under way
        for (; stored < Tasks; stored++)
        {
            (await alice.Post("/api/tasks", new { title = "a" })).Is(201);
        }

        RequireRefused(await alice.Post("/api/tasks", new { title = "a" }), "tasks", Tasks);
        Assert.Equal(Tasks, await CountTasks(alice));
    }

    [Fact]
    public async Task Another_process_sees_what_was_stored_here()
    {
        using var alice = await app.SignUp();
        for (var i = 0; i < Tasks; i++)
        {
            (await alice.Post("/api/tasks", new { title = "a" })).Is(201);
        }

        await app.StopHost();
        await app.StartHost();
        using var again = new ApiClient(app.Address, alice.Token);

        RequireRefused(await again.Post("/api/tasks", new { title = "a" }), "tasks", Tasks);
        await app.Database.Execute($"delete from task_item where user_id = '{(await again.Get("/api/me")).Id}'"); // as another process would
        RequireRefused(await again.Post("/api/tasks", new { title = "a" }), "tasks", Tasks);
        app.Time.Advance(UserQuotas.CountAgain + TimeSpan.FromSeconds(1));
        (await again.Post("/api/tasks", new { title = "a" })).Is(201);
    }

    [Fact]
    public async Task A_repeat_of_a_create_adds_nothing_and_is_not_refused()
    {
        using var alice = await app.SignUp();
        var body = new { id = Guid.CreateVersion7(), title = "a" };
        var first = (await alice.Post("/api/tasks", body, ("Idempotency-Key", "first"))).Is(201);
        for (var i = 1; i < Tasks; i++)
        {
            (await alice.Post("/api/tasks", new { title = "a" })).Is(201);
        }

        Assert.Equal(first.Id, (await alice.Post("/api/tasks", body)).Is(201).Id);
        Assert.Equal(first.Body, (await alice.Post("/api/tasks", body, ("Idempotency-Key", "first"))).Is(201).Body);
        RequireRefused(await alice.Post("/api/tasks", new { id = Guid.CreateVersion7(), title = "a" }), "tasks", Tasks);
    }

    [Fact]
    public async Task Bytes_are_those_of_titles_descriptions_and_tags()
    {
        using var alice = await app.SignUp();
        var full = new { title = "é", tags = new[] { "ab", "c" }, description = new string('x', 9_995) }; // 2 + 3 + 9,995
        var ids = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add((await alice.Post("/api/tasks", full)).Is(201).Id);
        }

        RequireRefused(await alice.Post("/api/tasks", new { title = "a" }), "bytes", Bytes);
        RequireRefused(await alice.Put($"/api/tasks/{ids[0]}", new { title = "aaa" }), "bytes", Bytes);
        RequireRefused(await alice.Post($"/api/tasks/{ids[0]}/tags", new { tags = new[] { "d" } }), "bytes", Bytes);
        (await alice.Put($"/api/tasks/{ids[0]}", new { title = "aa", description = new string('y', 9_995) })).Is(200); // no more than before
        (await alice.Put($"/api/tasks/{ids[1]}", new { description = (string?)null })).Is(200);
        (await alice.Put($"/api/tasks/{ids[0]}", new { title = "aaa" })).Is(200);
        (await alice.Post("/api/tasks", new { title = "a" })).Is(201);
    }

    [Fact]
    public async Task What_could_not_be_stored_takes_nothing_of_the_quota()
    {
        using var alice = await app.SignUp();
        for (var i = 0; i < Tasks + 1; i++)
        {
            (await alice.Post("/api/tasks", new { title = "a", recurrence = "daily" })).IsProblem(400, "invalid_request"); // without a due date
        }

        (await alice.Post("/api/tasks", new { title = "a" })).Is(201);
    }

    [Fact]
    public async Task Reminders_that_wait_are_as_many_as_the_quota()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a", due_date = "2099-01-01T00:00:00Z", reminder_offset = "1 day" })).Is(201).Id;
        ApiAnswer last = null!;
        for (var i = 1; i < Reminders; i++)
        {
            last = (await Remind(i)).Is(201);
        }

        RequireRefused(await Remind(9), "reminders", Reminders);
        RequireRefused(await alice.Post("/api/tasks", new { title = "a", due_date = "2099-01-01T00:00:00Z", reminder_offset = "1 day" }), "reminders", Reminders);
        (await alice.Delete($"/api/reminders/{last.Id}")).Is(204);
        (await Remind(9)).Is(201);

        Task<ApiAnswer> Remind(int hour) => alice.Post("/api/reminders", new { task_id = id, remind_at = $"2098-01-01T0{hour}:00:00Z" });
    }

    [Fact]
    public async Task A_next_occurrence_passes_the_quota_so_that_no_series_ends()
    {
        using var alice = await app.SignUp();
        var recurring = (await alice.Post("/api/tasks", new { title = "a", due_date = "2099-01-01", recurrence = "daily" })).Is(201).Id;
        for (var i = 1; i < Tasks; i++)
        {
            (await alice.Post("/api/tasks", new { title = "a" })).Is(201);
        }

        (await alice.Post($"/api/tasks/{recurring}/complete")).Is(200);
        await app.Host.Services.GetRequiredService<TodoFlow.Infrastructure.Consumers.Inbox>().Deliver(
            app.Host.Services.GetRequiredService<NextOccurrence>(), await EventServices.Records(app.Database), CancellationToken.None);

        Assert.Equal(Tasks + 1, await CountTasks(alice));
        RequireRefused(await alice.Post("/api/tasks", new { title = "a" }), "tasks", Tasks);
        (await alice.Put($"/api/tasks/{recurring}", new { title = "longer" })).Is(200); // adds bytes, of which there are some left
    }

    [Fact]
    public async Task What_is_in_the_trash_counts_its_bytes_and_comes_back_within_the_quota_of_tasks()
    {
        using var alice = await app.SignUp();
        var trashed = (await alice.Post("/api/tasks", new { title = "in the trash", description = Random() })).Is(201).Id;
        (await alice.Delete($"/api/tasks/{trashed}")).Is(204);
        for (var i = 0; i < 2; i++)
        {
            (await alice.Post("/api/tasks", new { title = "a", description = Random() })).Is(201);
        }

        RequireRefused(await alice.Post("/api/tasks", new { title = "a", description = Random() }), "bytes", Bytes);
        (await alice.Delete("/api/trash")).Is(204);
        app.Time.Advance(UserQuotas.CountAgain + TimeSpan.FromSeconds(1));
        var last = (await alice.Post("/api/tasks", new { title = "a", description = Random() })).Is(201).Id;

        (await alice.Delete($"/api/tasks/{last}")).Is(204);
        for (var i = 2; i < Tasks; i++)
        {
            (await alice.Post("/api/tasks", new { title = "" + (char)('a' + i) })).Is(201);
        }

        RequireRefused(await alice.Post($"/api/tasks/{last}/restore"), "tasks", Tasks);
        (await alice.Delete($"/api/tasks/{(await alice.Get("/api/tasks?limit=1")).Json[0]!["id"]}")).Is(204);
        (await alice.Post($"/api/tasks/{last}/restore")).Is(200);
    }

    [Fact]
    public async Task A_count_is_shared_by_the_requests_of_a_minute()
    {
        using var alice = await app.SignUp();
        (await alice.Post("/api/tasks", new { title = "a" })).Is(201);
        await app.Database.Execute($"insert into task_item (id, user_id, title, status, priority, tags, time_zone, recurrence_basis, version, created_at, updated_at, field_versions) select gen_random_uuid(), '{(await alice.Get("/api/me")).Id}', 'a', 0, 1, array[]::text[], 'UTC', 0, 1, now(), now(), '{{}}' from generate_series(1, {Tasks})");

        (await alice.Post("/api/tasks", new { title = "a" })).Is(201); // as far as is known
        app.Time.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(1));
        RequireRefused(await alice.Post("/api/tasks", new { title = "a" }), "tasks", Tasks);
    }

    // What PostgreSQL cannot make shorter.
    private static string Random() => RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 9_900);

    private async Task<long> CountTasks(ApiClient user) =>
        await app.Database.Scalar<long>($"select count(*) from task_item where user_id = '{(await user.Get("/api/me")).Id}'");

    private static void RequireRefused(ApiAnswer answer, string quota, int limit)
    {
        answer.IsProblem(403, "quota_exceeded");
        Assert.Equal((quota, limit), (answer.Text("quota"), answer["limit"]!.GetValue<int>()));
    }

    /// <summary>An application with small quotas.</summary>
    public sealed class App : TestApp
    {
        public FakeClock Time { get; } = new();

        protected override TimeProvider Clock => Time;

        protected override void Configure(HostApplicationOptions options)
        {
            UndeliveredApp.ServeRequestsOnly(options);
            options.Settings["Auth:AccessTokenLifetime"] = "1.00:00:00";
            options.Settings["Quotas:Tasks"] = $"{Tasks}";
            options.Settings["Quotas:Bytes"] = $"{Bytes}";
            options.Settings["Quotas:Reminders"] = $"{Reminders}";
        }
    }
}
