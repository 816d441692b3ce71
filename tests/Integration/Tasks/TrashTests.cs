using System.Text.Json.Nodes;
using TodoFlow.Infrastructure.Recurrence;
using TodoFlow.Infrastructure.Retention;
using TodoFlow.Infrastructure.Tasks;
using TodoFlow.Tests.Integration.Reminders;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

/// <summary>What is deleted can be restored, and is seen nowhere meanwhile.</summary>
public sealed class TrashTests(ReminderApp app) : IClassFixture<ReminderApp>
{
    private DateTimeOffset Now => app.Now.GetUtcNow();

    [Fact]
    public async Task A_deleted_task_is_in_the_trash_and_nowhere_else()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "buy plums", tags = new[] { "fruit" }, due_date = "2026-01-02" })).Is(201).Id;

        (await alice.Delete($"/api/tasks/{id}")).Is(204);

        (await alice.Get($"/api/tasks/{id}")).IsProblem(404, "task_not_found");
        (await alice.Put($"/api/tasks/{id}", new { title = "x" })).IsProblem(404, "task_not_found");
        (await alice.Post($"/api/tasks/{id}/complete")).IsProblem(404, "task_not_found");
        (await alice.Post("/api/reminders", new { task_id = id, remind_at = Now.AddHours(1) })).IsProblem(404, "task_not_found");
        foreach (var list in new[] { "", "?tags=fruit", "?status=pending", "?sort_by=due_date", "?updated_after=2020-01-01T00:00:00Z" })
        {
            Assert.Empty((await alice.Get($"/api/tasks{list}")).Is(200).Json.AsArray());
        }

        Assert.Equal("0", (await alice.Get("/api/tasks?count=true")).Header("X-Total-Count"));
        foreach (var words in new[] { "plums", "plmus", "fruit", "" })
        {
            Assert.Equal(0, (await alice.Post("/api/tasks/search", new { query = words })).Is(200)["total_count"]!.GetValue<int>());
        }

        var entry = Assert.Single(await Trash(alice));
        Assert.Equal((id, "buy plums", 2), (entry["task"]!["id"]!.GetValue<Guid>(), entry["task"]!["title"]!.GetValue<string>(), entry["task"]!["version"]!.GetValue<int>()));
        Assert.Equal(TimeSpan.FromDays(30), entry["purge_at"]!.GetValue<DateTimeOffset>() - entry["deleted_at"]!.GetValue<DateTimeOffset>());
        Assert.Equal(entry["purge_at"]!.ToJsonString(), (await LastEvent(id))["data"]!["purge_at"]!.ToJsonString());
    }

    [Fact]
    public async Task Restoring_brings_everything_back_and_once()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new
        {
            title = "\"a\" \\ ü 🥛",
            description = "d",
            priority = "high",
            tags = new[] { "x", "y \"z\"" },
            due_date = "2026-03-01T09:30:00+01:00",
            time_zone = "Europe/Berlin",
            recurrence = "weekly",
            recurrence_basis = "completion",
            reminder_offset = "1 hour",
        })).Is(201).Id;
        var before = (await alice.Put($"/api/tasks/{id}", new { title = "b", version = 1 })).Is(200).Json.AsObject();
        (await alice.Delete($"/api/tasks/{id}")).Is(204);

        (await alice.Post($"/api/tasks/{id}/restore", null, ("If-Match", "\"2\""))).IsProblem(412, "version_mismatch");
        var restored = (await alice.Post($"/api/tasks/{id}/restore", null, ("If-Match", "\"3\""), ("Idempotency-Key", $"{id}"))).Is(200);
        var replayed = (await alice.Post($"/api/tasks/{id}/restore", null, ("If-Match", "\"3\""), ("Idempotency-Key", $"{id}"))).Is(200);
        var again = (await alice.Post($"/api/tasks/{id}/restore")).Is(200);

        Assert.Equal(("\"4\"", "\"4\"", "\"4\""), (restored.Header("ETag"), replayed.Header("ETag"), again.Header("ETag")));
        Assert.Equal(restored.Body, again.Body);
        var after = restored.Json.DeepClone().AsObject();
        Assert.Equal(Without(before), Without(after));
        Assert.Empty(await Trash(alice));
        Assert.Equal(1, (await alice.Post("/api/tasks/search", new { query = "b" })).Is(200)["total_count"]!.GetValue<int>());
        Assert.Single((await alice.Get("/api/tasks?tags=x")).Is(200).Json.AsArray());
        (await alice.Put($"/api/tasks/{id}", new { title = "c", version = 1 })).Is(200); // who changed which field is still known
        Assert.Equal(["title"], (await LastEvent(id))["data"]!["conflict"]!["overwritten"]!.AsArray().Select(field => field!["field"]!.GetValue<string>()));
        Assert.Equal(["created", "updated", "deleted", "restored", "updated"], await TypesOf(id));

        static string Without(JsonObject task) => new JsonObject(task.Where(field => field.Key is not ("version" or "updated_at")).Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone()))).ToJsonString();
    }

    [Fact]
    public async Task Reminders_come_back_unless_their_instant_has_passed()
    {
        using var alice = await app.SignUp();
        var task = (await alice.Post("/api/tasks", new { title = "a", due_date = Now.AddHours(10), reminder_offset = "1 hour" })).Is(201).Id;
        var soon = (await alice.Post("/api/reminders", new { task_id = task, remind_at = Now.AddHours(1) })).Is(201).Id;
        var later = (await alice.Post("/api/reminders", new { task_id = task, remind_at = Now.AddHours(3) })).Is(201).Id;
        var unwanted = (await alice.Post("/api/reminders", new { task_id = task, remind_at = Now.AddHours(4) })).Is(201).Id;
        var snoozed = (await alice.Post("/api/reminders", new { task_id = task, reminder_offset = "9 hours" })).Is(201).Id;
        (await alice.Post($"/api/reminders/{snoozed}/snooze", new { until = Now.AddHours(5) })).Is(200);
        (await alice.Delete($"/api/reminders/{unwanted}")).Is(204);
        (await alice.Delete($"/api/tasks/{task}")).Is(204);
        await app.Advance(TimeSpan.FromHours(2));

        (await alice.Post($"/api/tasks/{task}/restore")).Is(200);

        var reminders = (await ReminderApp.RemindersOf(alice, task)).ToDictionary(reminder => reminder.Id());
        Assert.Equal(("cancelled", "task_deleted"), reminders[soon].State());
        Assert.Equal(("cancelled", "by_user"), reminders[unwanted].State());
        Assert.Equal(3, reminders.Values.Count(reminder => reminder.Text("status") == "pending"));
        await app.Advance(TimeSpan.FromHours(3));
        Assert.Equal(["scheduled", "cancelled", "scheduled", "due"], await app.EventsOf(later));
        Assert.Equal(["scheduled", "scheduled", "cancelled", "scheduled", "due"], await app.EventsOf(snoozed));
        Assert.Equal(["scheduled", "cancelled"], await app.EventsOf(soon));
    }

    [Fact]
    public async Task The_reminders_of_a_task_in_the_trash_are_kept_as_long_as_it_is()
    {
        using var alice = await app.SignUp();
        var task = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;
        var reminder = (await alice.Post("/api/reminders", new { task_id = task, remind_at = Now.AddYears(1) })).Is(201).Id;
        (await alice.Delete($"/api/tasks/{task}")).Is(204);
        app.Now.Advance(TimeSpan.FromDays(31));

        await app.Host.Services.GetRequiredService<History>().PruneReminders(CancellationToken.None);
        Assert.Single(await ReminderApp.RemindersOf(alice, task));

        Assert.True(await Pruning.Prune(CancellationToken.None) > 0);
        await app.Host.Services.GetRequiredService<History>().PruneReminders(CancellationToken.None);
        Assert.Equal(0, await app.Database.Scalar<long>($"select count(*) from reminder where id = '{reminder}'"));
    }

    [Fact]
    public async Task A_series_has_one_open_occurrence_whatever_is_restored()
    {
        using var alice = await app.SignUp();
        var first = (await alice.Post("/api/tasks", new { title = "a", recurrence = "daily", due_date = "2099-01-01" })).Is(201).Id;
        (await alice.Post($"/api/tasks/{first}/complete")).Is(200);
        await app.Deliver<NextOccurrence>();
        var second = Assert.Single((await alice.Get("/api/tasks?status=pending")).Json.AsArray())!["id"]!.GetValue<Guid>();
        (await alice.Put($"/api/tasks/{second}", new { title = "mine" })).Is(200);
        (await alice.Delete($"/api/tasks/{second}")).Is(204);
        Assert.Equal("daily", (await alice.Post($"/api/tasks/{first}/reopen")).Is(200).Text("recurrence")); // the head again

        var restored = (await alice.Post($"/api/tasks/{second}/restore")).Is(200);

        Assert.Equal(("none", "pending"), (restored.Text("recurrence"), restored.Text("status")));
        Assert.Equal(["recurrence"], (await LastEvent(second))["data"]!["changes"]!.AsArray().Select(change => change!["field"]!.GetValue<string>()));
        (await alice.Delete($"/api/tasks/{first}")).Is(204);
        Assert.Equal("daily", (await alice.Post($"/api/tasks/{first}/restore")).Is(200).Text("recurrence"));
    }

    [Fact]
    public async Task A_series_makes_an_occurrence_again_whose_former_self_is_in_the_trash()
    {
        using var alice = await app.SignUp();
        var first = (await alice.Post("/api/tasks", new { title = "a", recurrence = "daily", due_date = "2099-01-01" })).Is(201).Id;
        (await alice.Post($"/api/tasks/{first}/complete")).Is(200);
        await app.Deliver<NextOccurrence>();
        var second = Assert.Single((await alice.Get("/api/tasks?status=pending")).Json.AsArray())!["id"]!.GetValue<Guid>();
        (await alice.Delete($"/api/tasks/{second}")).Is(204);
        (await alice.Post($"/api/tasks/{first}/reopen")).Is(200);
        (await alice.Post($"/api/tasks/{first}/complete")).Is(200);
        await app.Deliver<NextOccurrence>();

        Assert.Equal("\"1\"", (await alice.Get($"/api/tasks/{second}")).Is(200).Header("ETag"));
        Assert.Equal("\"1\"", (await alice.Post($"/api/tasks/{second}/restore")).Is(200).Header("ETag")); // it is there
        (await alice.Put($"/api/tasks/{second}", new { title = "later" })).Is(200);
        (await alice.Delete($"/api/tasks/{second}")).Is(204);
        Assert.Equal("later", Assert.Single(await Trash(alice))["task"]!["title"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_occurrence_that_reopening_takes_back_is_not_in_the_trash()
    {
        using var alice = await app.SignUp();
        var first = (await alice.Post("/api/tasks", new { title = "a", recurrence = "daily", due_date = "2099-01-01" })).Is(201).Id;
        (await alice.Post($"/api/tasks/{first}/complete")).Is(200);
        await app.Deliver<NextOccurrence>();
        var second = Assert.Single((await alice.Get("/api/tasks?status=pending")).Json.AsArray())!["id"]!.GetValue<Guid>();

        (await alice.Post($"/api/tasks/{first}/reopen")).Is(200);

        Assert.Empty(await Trash(alice));
        Assert.Null((await LastEvent(second))["data"]!["purge_at"]);
    }

    [Fact]
    public async Task What_is_purged_is_gone_for_good()
    {
        using var alice = await app.SignUp();
        var (one, other) = (await Deleted(alice, "one"), await Deleted(alice, "other"));

        (await alice.Delete($"/api/trash/{one}", null, ("If-Match", "\"1\""))).IsProblem(412, "version_mismatch");
        (await alice.Delete($"/api/trash/{one}", null, ("If-Match", "\"2\""))).Is(204);
        (await alice.Delete($"/api/trash/{one}")).IsProblem(404, "task_not_found");
        (await alice.Post($"/api/tasks/{one}/restore")).IsProblem(404, "task_not_found");
        Assert.Equal(["created", "deleted", "purged"], await TypesOf(one));
        Assert.Equal(other, Assert.Single(await Trash(alice))["task"]!["id"]!.GetValue<Guid>());

        (await alice.Delete("/api/trash")).Is(204);
        (await alice.Delete("/api/trash")).Is(204);
        Assert.Empty(await Trash(alice));
        Assert.Equal(["created", "deleted", "purged"], await TypesOf(other));
    }

    [Fact]
    public async Task The_trash_empties_itself_after_its_time()
    {
        using var alice = await app.SignUp();
        var old = await Deleted(alice, "old");
        app.Now.Advance(TimeSpan.FromDays(29));
        var recent = await Deleted(alice, "recent");
        await Pruning.Prune(CancellationToken.None);
        Assert.Equal(2, (await Trash(alice)).Count);

        app.Now.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
        Assert.True(await Pruning.Prune(CancellationToken.None) > 0);

        Assert.Equal(recent, Assert.Single(await Trash(alice))["task"]!["id"]!.GetValue<Guid>());
        Assert.Equal(["created", "deleted", "purged"], await TypesOf(old));
    }

    [Fact]
    public async Task The_trash_is_in_pages_what_was_deleted_last_first()
    {
        using var alice = await app.SignUp();
        var expected = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            expected.Insert(0, await Deleted(alice, $"{i}"));
            app.Now.Advance(TimeSpan.FromMinutes(i % 2));
        }

        var (seen, next) = (new List<Guid>(), (string?)"/api/trash?limit=2");
        while (next is not null)
        {
            var page = (await alice.Get(next)).Is(200);
            seen.AddRange(page.Json.AsArray().Select(entry => entry!["task"]!["id"]!.GetValue<Guid>()));
            next = page.Header("Link") is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
        }

        Assert.Equal(expected.Order(), seen.Order());
        (await alice.Get("/api/trash?cursor=abc")).IsProblem(400, "invalid_request");
        Assert.Equal(["limit"], (await alice.Get("/api/trash?limit=201")).Is(400).BadFields);
    }

    [Fact]
    public async Task Nobody_sees_restores_or_purges_what_is_in_anothers_trash()
    {
        using var alice = await app.SignUp();
        using var mallory = await app.SignUp();
        using var nobody = app.Anonymous();
        var id = await Deleted(alice, "hers");

        Assert.Empty(await Trash(mallory));
        (await mallory.Post($"/api/tasks/{id}/restore")).IsProblem(404, "task_not_found");
        (await mallory.Delete($"/api/trash/{id}")).IsProblem(404, "task_not_found");
        (await mallory.Delete("/api/trash")).Is(204);
        (await nobody.Get("/api/trash")).Is(401);
        (await nobody.Delete("/api/trash")).Is(401);
        (await nobody.Delete($"/api/trash/{id}")).Is(401);
        (await nobody.Post($"/api/tasks/{id}/restore")).Is(401);
        (await mallory.Post("/api/tasks", new { id, title = "mine" })).Is(201); // the id is free while it is in the trash, as after a deletion
        (await alice.Post($"/api/tasks/{id}/restore")).IsProblem(409, "task_id_taken");
        (await mallory.Delete($"/api/tasks/{id}")).Is(204);
        (await mallory.Delete($"/api/trash/{id}")).Is(204);

        Assert.Equal("hers", (await alice.Post($"/api/tasks/{id}/restore")).Is(200).Text("title"));
    }

    [Fact]
    public async Task Restoring_and_deleting_at_once_leaves_it_in_one_place()
    {
        using var alice = await app.SignUp();
        for (var round = 0; round < 20; round++)
        {
            var id = await Deleted(alice, "a");
            await Task.WhenAll(
                alice.Post($"/api/tasks/{id}/restore"), alice.Delete($"/api/tasks/{id}"), alice.Post($"/api/tasks/{id}/restore"), alice.Delete($"/api/trash/{id}"));

            var places = await app.Database.Scalar<long>(
                $"select (select count(*) from task_item where id = '{id}') + (select count(*) from trashed_task where id = '{id}')");
            var last = (await TypesOf(id))[^1];
            Assert.Equal(last == "purged" ? 0 : 1, places);
        }
    }

    private TrashPruning Pruning => app.Host.Services.GetServices<IPruned>().OfType<TrashPruning>().Single();

    private static async Task<List<JsonNode>> Trash(ApiClient client) => [.. (await client.Get("/api/trash")).Is(200).Json.AsArray().Select(entry => entry!)];

    private static async Task<Guid> Deleted(ApiClient client, string title)
    {
        var id = (await client.Post("/api/tasks", new { title })).Is(201).Id;
        (await client.Delete($"/api/tasks/{id}")).Is(204);
        return id;
    }

    private async Task<JsonNode> LastEvent(Guid task) => JsonNode.Parse(await app.Database.Scalar<string>(
        $"select convert_from(payload, 'UTF8') from outbox where key = '{task}' and topic = 'task-events' order by position desc limit 1"))!;

    private Task<List<string>> TypesOf(Guid task) => app.Database.Column<string>(
        $"select split_part(convert_from(payload, 'UTF8')::jsonb->>'type', '.', 2) from outbox where key = '{task}' and topic = 'task-events' order by position");
}
