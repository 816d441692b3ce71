using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

public class UpdateTaskTests(TestApp app) : IClassFixture<TestApp>
{
    [Fact]
    public async Task Only_the_named_fields_change_and_null_clears()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a", description = "d", priority = "high", tags = new[] { "t" }, due_date = "2026-03-01" })).Is(201).Id;

        var task = (await alice.Put($"/api/tasks/{id}", """{"title": "b", "description": null, "due_date": null}""")).Is(200);

        Assert.Equal("b", task.Text("title"));
        Assert.Null(task["description"]);
        Assert.Null(task["due_date"]);
        Assert.Equal("high", task.Text("priority"));
        Assert.Equal("""["t"]""", task["tags"]!.ToJsonString());
        Assert.Equal("\"2\"", task.Header("ETag"));
    }

    [Theory]
    [InlineData("""{"title": null}""", "title")]
    [InlineData("""{"priority": null}""", "priority")]
    [InlineData("""{"tags": null}""", "tags")]
    [InlineData("""{"time_zone": null}""", "time_zone")]
    [InlineData("""{"version": "3"}""", "version")]
    [InlineData("""{"version": 0}""", "version")]
    [InlineData("""{"version": 1e400}""", "version")]
    [InlineData("""{"due_date": ""}""", "due_date")]
    [InlineData("""{"recurrence": "daily"}""", "due_date")]
    public async Task A_field_that_cannot_be_so_is_named(string body, string field)
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;

        Assert.Equal([field], (await alice.Put($"/api/tasks/{id}", body)).Is(400).BadFields);
        Assert.Equal("\"1\"", (await alice.Get($"/api/tasks/{id}")).Header("ETag"));
    }

    [Fact]
    public async Task What_changes_nothing_makes_no_version_and_no_event()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;

        (await alice.Put($"/api/tasks/{id}", new { title = "a" })).Is(200);
        (await alice.Put($"/api/tasks/{id}", "{}")).Is(200);
        var task = (await alice.Post($"/api/tasks/{id}/reopen")).Is(200);

        Assert.Equal("\"1\"", task.Header("ETag"));
        Assert.Equal(2, await app.Database.Scalar<long>($"select count(*) from outbox where key = '{id}'"));
    }

    [Fact]
    public async Task A_stale_If_Match_gets_the_current_task_and_changes_nothing()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;
        (await alice.Put($"/api/tasks/{id}", new { title = "b" }, ("If-Match", "\"1\""))).Is(200);

        var stale = (await alice.Put($"/api/tasks/{id}", new { title = "c" }, ("If-Match", "\"1\""))).IsProblem(412, "version_mismatch");
        (await alice.Delete($"/api/tasks/{id}", null, ("If-Match", "\"1\""))).IsProblem(412, "version_mismatch");
        (await alice.Post($"/api/tasks/{id}/complete", null, ("If-Match", "W/\"2\""))).IsProblem(412, "version_mismatch");
        (await alice.Put($"/api/tasks/{id}", new { title = "c" }, ("If-Match", "2"))).IsProblem(400, "invalid_request");

        Assert.Equal("b", stale["current"]!["title"]!.GetValue<string>());
        Assert.Equal("b", (await alice.Get($"/api/tasks/{id}")).Text("title"));
        (await alice.Put($"/api/tasks/{id}", new { title = "c" }, ("If-Match", "\"1\", \"2\""))).Is(200);
        (await alice.Put($"/api/tasks/{id}", new { title = "d" }, ("If-Match", "*"))).Is(200);
    }

    [Fact]
    public async Task A_reader_that_is_up_to_date_gets_304()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;

        var unchanged = (await alice.Get($"/api/tasks/{id}", ("If-None-Match", "\"1\""))).Is(304);
        (await alice.Get($"/api/tasks/{id}", ("If-None-Match", "\"7\""))).Is(200);

        Assert.Equal("", unchanged.Body);
        Assert.Equal("\"1\"", unchanged.Header("ETag"));
    }

    [Fact]
    public async Task A_stale_version_in_the_body_wins_and_the_conflict_names_what_it_overwrote()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a", description = "d" })).Is(201).Id;
        (await alice.Put($"/api/tasks/{id}", new { title = "phone", version = 1 })).Is(200);

        var task = (await alice.Put($"/api/tasks/{id}", new { title = "laptop", description = "e", version = 1 })).Is(200);

        Assert.Equal("laptop", task.Text("title"));
        var conflict = JsonNode.Parse(await app.Database.Scalar<string>(
            $"select convert_from(payload, 'UTF8')::jsonb->'data'->>'conflict' from outbox where key = '{id}' and topic = 'task-events' order by position desc limit 1"))!;
        Assert.Equal(1, conflict["base_version"]!.GetValue<long>());
        var overwritten = Assert.Single(conflict["overwritten"]!.AsArray())!;
        Assert.Equal(("title", "phone", "laptop"), (
            overwritten["field"]!.GetValue<string>(), overwritten["old"]!.GetValue<string>(), overwritten["new"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_stale_version_that_turns_the_status_back_is_a_conflict_too()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;
        (await alice.Post($"/api/tasks/{id}/complete")).Is(200);

        (await alice.Put($"/api/tasks/{id}", new { title = "b", status = "pending", version = 1 })).Is(200);

        var conflict = JsonNode.Parse(await app.Database.Scalar<string>(
            $"select convert_from(payload, 'UTF8')::jsonb->'data'->>'conflict' from outbox where key = '{id}' and topic = 'task-events' order by position desc limit 1"))!;
        Assert.Equal(1, conflict["base_version"]!.GetValue<long>());
        var overwritten = Assert.Single(conflict["overwritten"]!.AsArray())!;
        Assert.Equal(("status", "completed", "pending"), (
            overwritten["field"]!.GetValue<string>(), overwritten["old"]!.GetValue<string>(), overwritten["new"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Edits_of_different_fields_at_the_same_time_all_survive()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;

        var writers = Enumerable.Range(0, 16).Select(async i => (await alice.Post($"/api/tasks/{id}/tags", new { tags = new[] { $"tag{i}" } })).Is(200));
        await Task.WhenAll(writers);

        var task = await alice.Get($"/api/tasks/{id}");
        Assert.Equal(16, task["tags"]!.AsArray().Count);
        Assert.Equal("\"17\"", task.Header("ETag"));
    }

    [Fact]
    public async Task A_delete_beats_an_edit()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;

        (await alice.Delete($"/api/tasks/{id}")).Is(204);

        (await alice.Put($"/api/tasks/{id}", new { title = "b", version = 1 })).IsProblem(404, "task_not_found");
        (await alice.Delete($"/api/tasks/{id}")).IsProblem(404, "task_not_found");
        Assert.Equal(1, await app.Database.Scalar<long>($"select count(*) from outbox where key = '{id}' and convert_from(payload, 'UTF8')::jsonb->>'type' = 'task.deleted.v1'"));
    }

    [Fact]
    public async Task Completing_is_idempotent_and_reopening_undoes_it()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;

        var first = (await alice.Post($"/api/tasks/{id}/complete")).Is(200);
        var second = (await alice.Post($"/api/tasks/{id}/complete")).Is(200);
        var reopened = (await alice.Post($"/api/tasks/{id}/reopen")).Is(200);
        var through = (await alice.Put($"/api/tasks/{id}", new { status = "completed", title = "done" })).Is(200);

        Assert.Equal("completed", first.Text("status"));
        Assert.Equal(first.Body, second.Body);
        Assert.Equal("pending", reopened.Text("status"));
        Assert.Null(reopened["completed_at"]);
        Assert.Equal("completed", through.Text("status"));
        Assert.Equal("done", through.Text("title"));
        Assert.NotNull(through["completed_at"]);
    }

    [Fact]
    public async Task Priority_and_tags_have_routes_of_their_own()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a", tags = new[] { "x" } })).Is(201).Id;

        (await alice.Put($"/api/tasks/{id}/priority", new { priority = "low" })).Is(200);
        (await alice.Put($"/api/tasks/{id}/priority", new { })).Is(400);
        (await alice.Post($"/api/tasks/{id}/tags", new { tags = new[] { "y", "x", " z " } })).Is(200);
        (await alice.Delete($"/api/tasks/{id}/tags", new { tags = new[] { "x", "never there" } })).Is(200);
        var task = (await alice.Delete($"/api/tasks/{id}/tags?tags=y")).Is(200);
        var full = await alice.Post($"/api/tasks/{id}/tags", new { tags = Enumerable.Range(0, 50).Select(i => $"t{i}") });

        Assert.Equal("low", task.Text("priority"));
        Assert.Equal("""["z"]""", task["tags"]!.ToJsonString());
        Assert.Equal(["tags"], full.Is(400).BadFields);
    }
}
