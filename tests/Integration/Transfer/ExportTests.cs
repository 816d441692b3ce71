using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Transfer;

/// <summary>What a user has leaves as a file, and another account takes it up.</summary>
public sealed class ExportTests(ExportTests.App app) : IClassFixture<ExportTests.App>
{
    private static readonly string[] Kept =
        ["title", "description", "status", "priority", "tags", "due_date", "time_zone", "recurrence", "recurrence_basis", "reminder_offset", "occurrence", "created_at", "completed_at"];

    [Fact]
    public async Task All_that_a_user_has_is_in_the_file_and_no_secret()
    {
        using var alice = await Alice();
        var token = (await alice.Post("/api/tokens", new { name = "backup", scopes = new[] { "tasks:read" } })).Is(201).Text("token");
        var calendar = (await alice.Post("/api/calendar-token")).Is(201).Text("token");
        await app.Database.Execute(
            $"""
            insert into push_subscription (id, user_id, endpoint, p256dh, auth, created_at, refreshed_at)
            select gen_random_uuid(), id, 'https://push.example.com/secret-address', decode(repeat('04', 65), 'hex'), decode(repeat('05', 16), 'hex'), now(), now()
            from app_user where id = '{(await alice.Get("/api/me")).Id}'
            """);

        var file = (await alice.Get("/api/export")).Is(200);

        Assert.Equal("attachment; filename=\"todoflow.json\"", file.Header("Content-Disposition"));
        Assert.Equal("no-store", file.Header("Cache-Control"));
        Assert.Equal(("todoflow", 1), (file.Text("format"), (int)file["version"]!));
        Assert.Equal((await alice.Get("/api/me")).Json.ToJsonString(), file["profile"]!.ToJsonString());
        Assert.Equal((await alice.Get("/api/notifications/preferences")).Json.ToJsonString(), file["preferences"]!.ToJsonString());
        Assert.Equal(["calendar", "backup"], file["tokens"]!.AsArray().Select(one => (string)one!["name"]!));
        Assert.Equal("push.example.com", (string)file["push_subscriptions"]![0]!["service"]!);
        Assert.Single(file["sessions"]!.AsArray());
        Assert.Equal(3, file["tasks"]!.AsArray().Count);
        var weekly = file["tasks"]!.AsArray().Single(task => (string)task!["task"]!["title"]! == "Water the plants")!;
        Assert.Equal("2027-01-18", (string)weekly["series"]!["scheduled"]!); // one was skipped
        Assert.Equal("2027-01-11", (string)weekly["series"]!["anchor"]!);
        Assert.Equal(2, weekly["reminders"]!.AsArray().Count);
        Assert.Equal("Old news", (string)file["trash"]![0]!["task"]!["title"]!);
        Assert.Empty(file["notifications"]!.AsArray());
        foreach (var secret in new[] { token[13..], calendar[13..], "secret-address", "0404040404", "BAQEBAQE" })
        {
            Assert.DoesNotContain(secret, file.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Another_account_takes_the_file_up_and_has_the_same()
    {
        using var alice = await Alice();
        using var bob = await app.SignUp("Asia/Tokyo");
        var file = (await alice.Get("/api/export")).Is(200).Body;

        Assert.Equal((0, 3, 0), (await alice.Import("application/json", file)).Counts());
        Assert.Equal((3, 0, 0), (await bob.Import("application/json", file, dryRun: true)).Counts());
        Assert.Empty(await bob.Tasks());
        Assert.Equal((3, 0, 0), (await bob.Import("application/json", file)).Counts());
        Assert.Equal((0, 3, 0), (await bob.Import("application/json", file)).Counts());

        var (hers, his) = (await alice.Tasks(), await bob.Tasks());
        Assert.Equal(hers.Keys.Order(), his.Keys.Order());
        foreach (var (title, task) in hers)
        {
            Assert.Equal(Kept.Select(field => task[field]?.ToJsonString()), Kept.Select(field => his[title][field]?.ToJsonString()));
            Assert.NotEqual((string)task["id"]!, (string)his[title]["id"]!);
            Assert.Equal(await Reminders(alice, task), await Reminders(bob, his[title]));
        }

        var done = his["Water the plants"];
        (await bob.Post($"/api/tasks/{done["id"]}/complete")).Is(200);
        var next = await Eventually.Finds(async () => (await bob.Get("/api/tasks?status=pending&sort_by=due_date&order=asc")).Json.AsArray().FirstOrDefault(task => (int?)task!["occurrence"] == 2));
        Assert.Equal("2027-01-25", (string)next["due_date"]!); // the rhythm goes on
        Assert.Equal((0, 3, 0), (await bob.Import("application/json", file)).Counts());
        Assert.Equal((0, 4, 0), (await bob.Import("application/json", (await bob.Get("/api/export")).Is(200).Body)).Counts());
    }

    [Fact]
    public async Task What_was_imported_and_deleted_stays_deleted_until_the_trash_is_emptied()
    {
        using var alice = await Alice();
        using var bob = await app.SignUp();
        var file = (await alice.Get("/api/export")).Is(200).Body;
        (await bob.Import("application/json", file)).Is(200);
        (await bob.Delete($"/api/tasks/{(await bob.Tasks())["Buy milk"]["id"]}")).Is(204);

        Assert.Equal((0, 3, 0), (await bob.Import("application/json", file)).Counts());
        (await bob.Delete("/api/trash")).Is(204);
        Assert.Equal((1, 2, 0), (await bob.Import("application/json", file)).Counts());
    }

    [Fact]
    public async Task A_series_has_one_open_occurrence_whatever_a_file_says()
    {
        using var alice = await app.SignUp();
        var (series, one, two) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var file = File(Occurrence(one, 1), Occurrence(two, 2), Occurrence(one, 1));

        var answer = await alice.Import("application/json", file);

        Assert.Equal((2, 1, 0), answer.Counts());
        Assert.Equal("recurrence", (string)answer["results"]![1]!["warnings"]![0]!["field"]!);
        Assert.Equal(["none", "weekly"], (await alice.Tasks()).Values.Select(task => (string)task["recurrence"]!).Order());

        object Occurrence(Guid id, int number) => new
        {
            task = new { id, title = $"Occurrence {number}", due_date = "2027-01-11", time_zone = "UTC", recurrence = "weekly", series_id = series, occurrence = number, status = "pending" },
            series = new { anchor = "2027-01-04", anchor_occurrence = 1, scheduled = "2027-01-11" },
        };
    }

    [Fact]
    public async Task What_is_wrong_with_a_task_is_named_by_its_field()
    {
        using var alice = await app.SignUp();
        var file = File(
            new { task = new { id = Guid.NewGuid(), title = "", priority = "urgent", due_date = "soon" } },
            new { task = new { title = "No id" } },
            new { task = new { id = Guid.NewGuid(), title = "No due date", recurrence = "daily" } },
            new { task = new { id = Guid.NewGuid(), title = "No rhythm", due_date = "2027-01-11", recurrence = "daily", series_id = Guid.NewGuid(), occurrence = 2 }, series = new { anchor = "soon", anchor_occurrence = 1, scheduled = "2027-01-11" } },
            new { task = new { id = Guid.NewGuid(), title = "No number", series_id = Guid.NewGuid(), occurrence = -1 } },
            new { task = new { id = Guid.NewGuid(), title = "Fine" } });

        var answer = await alice.Import("application/json", file);

        Assert.Equal((1, 0, 5), answer.Counts());
        Assert.Equal(
            ["title,priority,due_date", "id", "due_date", "series", "occurrence", ""],
            answer["results"]!.AsArray().Select(result => string.Join(',', (result!["errors"]?.AsArray() ?? []).Select(error => (string)error!["field"]!))));
        Assert.Equal("tasks[0]", (string)answer["results"]![0]!["source"]!);
        Assert.Equal(["Fine"], (await alice.Tasks()).Keys);
    }

    [Fact]
    public async Task Five_thousand_tasks_leave_and_come_back_and_none_twice()
    {
        using var alice = await app.SignUp();
        using var bob = await app.SignUp();
        var file = File([.. Enumerable.Range(0, 5000).Select(number => new
        {
            task = new { id = Guid.NewGuid(), title = $"Task {number}", description = new string('x', 300), due_date = $"2027-01-{(number % 28) + 1:00}", reminder_offset = "1 hour", status = number % 2 == 0 ? "completed" : "pending" },
        })]);

        Assert.Equal((5000, 0, 0), (await alice.Import("application/json", file, dryRun: true)).Counts());
        Assert.Equal((5000, 0, 0), (await alice.Import("application/json", file)).Counts());
        Assert.Equal((0, 5000, 0), (await alice.Import("application/json", file)).Counts());
        var export = (await alice.Get("/api/export")).Is(200);
        Assert.Equal(5000, export["tasks"]!.AsArray().Select(task => (string)task!["task"]!["id"]!).Distinct().Count());
        Assert.Equal((5000, 0, 0), (await bob.Import("application/json", export.Body)).Counts());

        var user = (await bob.Get("/api/me")).Id;
        Assert.Equal(5000, await app.Database.Scalar<long>($"select count(*) from task_item where user_id = '{user}'"));
        Assert.Equal(2500, await app.Database.Scalar<long>($"select count(*) from reminder where user_id = '{user}'"));
        Assert.Equal(5000, await app.Database.Scalar<long>($"select count(*) from outbox where convert_from(payload, 'UTF8')::jsonb ->> 'type' = 'task.created.v1' and convert_from(payload, 'UTF8')::jsonb ->> 'userid' = '{user}'"));
    }

    [Fact]
    public async Task The_same_file_sent_twice_at_once_adds_each_task_once()
    {
        using var alice = await app.SignUp();
        await using var other = new Another(await app.StartAnother());
        using var again = new ApiClient(other.App.Address, alice.Token);
        var file = File([.. Enumerable.Range(0, 300).Select(number => new { task = new { id = Guid.NewGuid(), title = $"Task {number}" } })]);

        var answers = await Task.WhenAll(alice.Import("application/json", file), again.Import("application/json", file));

        Assert.Equal(300, answers.Sum(answer => answer.Counts().Created));
        Assert.Equal(300, await app.Database.Scalar<long>($"select count(*) from task_item where user_id = '{(await alice.Get("/api/me")).Id}'"));
    }

    [Fact]
    public async Task A_file_that_passes_a_quota_is_refused_whole()
    {
        using var alice = await app.SignUp();
        var tasks = Enumerable.Range(0, App.TaskQuota + 1).Select(number => (object)new { task = new { id = Guid.NewGuid(), title = $"Task {number}" } }).ToArray();

        (await alice.Import("application/json", File(tasks), dryRun: true)).IsProblem(403, "quota_exceeded");
        (await alice.Import("application/json", File(tasks))).IsProblem(403, "quota_exceeded");
        Assert.Empty(await alice.Tasks());
    }

    [Fact]
    public async Task A_file_is_for_its_user_alone()
    {
        using var alice = await Alice();
        using var bob = await app.SignUp();
        using var anonymous = app.Anonymous();
        var file = (await alice.Get("/api/export")).Is(200).Body;

        (await anonymous.Get("/api/export")).IsProblem(401, "unauthenticated");
        (await anonymous.Import("application/json", file)).IsProblem(401, "unauthenticated");
        Assert.DoesNotContain("Buy milk", (await bob.Get("/api/export")).Is(200).Body, StringComparison.Ordinal);
        (await bob.Import("application/json", file)).Is(200);
        Assert.Equal(3, (await alice.Tasks()).Count);
        Assert.Equal(1, (int)(await alice.Get($"/api/tasks/{(await alice.Tasks())["Buy milk"]["id"]}")).Json["version"]!);
    }

    private async Task<ApiClient> Alice()
    {
        var alice = await app.SignUp("Europe/Berlin");
        (await alice.Post("/api/tasks", new { title = "Buy milk", description = "½ skimmed, 牛乳 \"x\"", priority = "high", tags = new[] { "errands" }, due_date = "2027-03-01T09:30:00+01:00", reminder_offset = "15 minutes" })).Is(201);
        var plants = (await alice.Post("/api/tasks", new { title = "Water the plants", due_date = "2027-01-11", recurrence = "weekly", reminder_offset = "1 day" })).Is(201).Id;
        (await alice.Post($"/api/tasks/{plants}/skip")).Is(200);
        (await alice.Post("/api/reminders", new { task_id = plants, remind_at = "2027-01-02T10:00:00Z" })).Is(201);
        var done = (await alice.Post("/api/tasks", new { title = "Done" })).Is(201).Id;
        (await alice.Post($"/api/tasks/{done}/complete")).Is(200);
        var old = (await alice.Post("/api/tasks", new { title = "Old news" })).Is(201).Id;
        (await alice.Delete($"/api/tasks/{old}")).Is(204);
        return alice;
    }

    private static async Task<List<string>> Reminders(ApiClient client, JsonNode task) =>
        [.. (await client.Get($"/api/reminders?task_id={task["id"]}")).Is(200).Json.AsArray().Select(reminder => $"{reminder!["remind_at"]} {reminder["reminder_offset"]} {reminder["status"]}").Order()];

    private static string File(params object[] tasks) => JsonSerializer.Serialize(new { format = "todoflow", version = 1, tasks });

    public sealed class App : TestApp
    {
        public const int TaskQuota = 6000;

        protected override void Configure(HostApplicationOptions options) =>
            options.Settings["Quotas:Tasks"] = TaskQuota.ToString(CultureInfo.InvariantCulture);
    }

    private sealed class Another(TestApp app) : IAsyncDisposable
    {
        public TestApp App => app;

        public async ValueTask DisposeAsync() => await app.StopHost();
    }
}
