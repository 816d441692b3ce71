using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

public class CreateTaskTests(TestApp app) : IClassFixture<TestApp>
{
    [Fact]
    public async Task A_task_comes_back_as_it_was_sent()
    {
        using var alice = await app.SignUp();
        var sent = new
        {
            title = "  Buy milk 🥛 ",
            description = "Two litres\nof the good one",
            priority = "high",
            tags = new[] { " home ", "shop", "home" },
            due_date = "2026-03-01T09:30:00.5+01:00",
            time_zone = "Europe/Berlin",
            recurrence = "weekly",
            recurrence_basis = "completion",
            reminder_offset = "15 minutes",
            unknown = new { ignored = true },
        };

        var created = (await alice.Post("/api/tasks", sent)).Is(201);
        var read = (await alice.Get($"/api/tasks/{created.Id}")).Is(200);

        Assert.Equal($"/api/tasks/{created.Id}", created.Header("Location"));
        Assert.Equal("\"1\"", created.Header("ETag"));
        Assert.Equal("\"1\"", read.Header("ETag"));
        Assert.True(JsonNode.DeepEquals(created.Json, read.Json), $"{created.Body}\n{read.Body}");
        Assert.Equal("Buy milk 🥛", read.Text("title"));
        Assert.Equal("""["home","shop"]""", read["tags"]!.ToJsonString());
        Assert.Equal("2026-03-01T09:30:00.5+01:00", read.Text("due_date"));
        Assert.Equal("weekly", read.Text("recurrence"));
        Assert.Equal("pending", read.Text("status"));
        Assert.Equal(1, read["version"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_title_is_enough_and_the_rest_has_defaults()
    {
        using var alice = await app.SignUp("America/New_York");

        var task = (await alice.Post("/api/tasks", new { title = "x" })).Is(201);

        Assert.Equal("medium", task.Text("priority"));
        Assert.Equal("none", task.Text("recurrence"));
        Assert.Equal("America/New_York", task.Text("time_zone"));
        Assert.Equal("[]", task["tags"]!.ToJsonString());
        Assert.Null(task["due_date"]);
        Assert.Equal('7', task.Text("id")[14]); // UUIDv7
    }

    [Fact]
    public async Task Every_bad_field_is_named_at_once()
    {
        using var alice = await app.SignUp();

        var answer = await alice.Post("/api/tasks", """
            {"id": "1", "title": 5, "description": true, "priority": "urgent", "tags": "home", "due_date": "tomorrow",
             "time_zone": 1, "recurrence": [], "recurrence_basis": "never", "reminder_offset": {}}
            """);

        answer.IsProblem(400, "invalid_request");
        Assert.Equal(
            ["id", "title", "description", "priority", "tags", "due_date", "time_zone", "recurrence", "recurrence_basis", "reminder_offset"],
            answer.BadFields);
        Assert.NotEmpty(answer.Text("trace_id"));
    }

    [Theory]
    [InlineData("""{}""", "title")]
    [InlineData("""{"title": null}""", "title")]
    [InlineData("""{"title": ""}""", "title")]
    [InlineData("""{"title": "   "}""", "title")]
    [InlineData("""{"title": "a\u0000b"}""", "title")]
    [InlineData("""{"title": "\ud83d"}""", "title")]
    [InlineData("""{"title": "x", "tags": ["ok", ""]}""", "tags")]
    [InlineData("""{"title": "x", "tags": ["ok", 5]}""", "tags")]
    [InlineData("""{"title": "x", "tags": ["a\u0000b"]}""", "tags")]
    [InlineData("""{"title": "x", "due_date": "2026-02-30"}""", "due_date")]
    [InlineData("""{"title": "x", "due_date": "2026-02-01T10:00:00"}""", "due_date")]
    [InlineData("""{"title": "x", "time_zone": "Mars/Olympus"}""", "time_zone")]
    [InlineData("""{"title": "x", "recurrence": "daily"}""", "due_date")]
    [InlineData("""{"title": "x", "due_date": "2026-03-01", "recurrence": "sometimes"}""", "recurrence")]
    [InlineData("""{"title": "x", "due_date": "2026-03-01", "recurrence": "FREQ=DAILY;COUNT=0"}""", "recurrence")]
    [InlineData("""{"title": "x", "reminder_offset": "1 month"}""", "reminder_offset")]
    [InlineData("""["title"]""", "body")]
    [InlineData("""null""", "body")]
    [InlineData("""{"title": "x" """, "body")]
    public async Task A_bad_field_is_named(string body, string field)
    {
        using var alice = await app.SignUp();

        var answer = (await alice.Post("/api/tasks", body)).Is(400);

        Assert.Equal([field], answer.BadFields);
    }

    [Fact]
    public async Task Lengths_are_counted_in_characters_up_to_their_limits()
    {
        using var alice = await app.SignUp();
        var fits = new { title = string.Concat(Enumerable.Repeat("😀", 500)), description = new string('d', 10_000), tags = Enumerable.Range(0, 50).Select(i => $"{i}".PadLeft(50, 'é')) };

        (await alice.Post("/api/tasks", fits)).Is(201);
        var answer = (await alice.Post("/api/tasks", new
        {
            title = new string('t', 501),
            description = new string('d', 10_001),
            tags = Enumerable.Range(0, 51).Select(i => $"{i}"),
        })).Is(400);

        Assert.Equal(["title", "description", "tags"], answer.BadFields);
    }

    [Fact]
    public async Task A_repeated_create_with_the_clients_id_is_a_replay()
    {
        using var alice = await app.SignUp();
        var id = Guid.CreateVersion7();

        var first = (await alice.Post("/api/tasks", new { id, title = "once" })).Is(201);
        (await alice.Put($"/api/tasks/{id}", new { priority = "high" })).Is(200);
        var again = (await alice.Post("/api/tasks", new { id, title = "once" })).Is(201);
        var other = await alice.Post("/api/tasks", new { id, title = "twice" });

        Assert.Equal(id, first.Id);
        Assert.Equal("high", again.Text("priority"));
        other.IsProblem(409, "task_id_taken");
        Assert.Equal(1, await app.Database.Scalar<long>($"select count(*) from outbox where key = '{id}' and convert_from(payload, 'UTF8') like '%task.created.v1%'"));
    }

    [Fact]
    public async Task Another_users_id_is_a_plain_conflict_that_tells_nothing()
    {
        using var alice = await app.SignUp();
        using var mallory = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "secret plan" })).Is(201).Id;

        var taken = (await mallory.Post("/api/tasks", new { id, title = "secret plan" })).IsProblem(409, "task_id_taken");
        var own = (await alice.Post("/api/tasks", new { id, title = "other" })).IsProblem(409, "task_id_taken");

        Assert.Equal(own.Text("detail"), taken.Text("detail"));
        Assert.DoesNotContain("secret", taken.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_and_its_events_are_stored_together()
    {
        using var alice = await app.SignUp();

        var task = (await alice.Post("/api/tasks", new { title = "x" }, ("X-Correlation-Id", "my-request-1"))).Is(201);

        Assert.Equal("my-request-1", task.Header("X-Correlation-Id"));
        Assert.Equal(
            ["task-events", "task-updates"],
            await app.Database.Column<string>($"select topic from outbox where key = '{task.Id}' order by topic"));
        Assert.Equal(2, await app.Database.Scalar<long>(
            $"select count(*) from outbox where key = '{task.Id}' and convert_from(payload, 'UTF8')::jsonb->>'correlationid' = 'my-request-1' and convert_from(payload, 'UTF8')::jsonb->>'specversion' = '1.0'"));
    }
}
