using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

/// <summary>POST /api/tasks/quick, on Thursday, 2026-01-01 at 01:00 in Berlin. What texts mean is decided in QuickAddCasesTests.</summary>
public sealed class QuickAddTaskTests(QuickAddTaskTests.App app) : IClassFixture<QuickAddTaskTests.App>
{
    private const string Route = "/api/tasks/quick";
    private const string Text = "Call mom tomorrow 5pm #family p1 remind me 30 min before";

    [Fact]
    public async Task A_line_of_text_is_a_task_with_its_reminder_and_its_event()
    {
        using var alice = await app.SignUp("Europe/Berlin");

        var added = (await alice.Post(Route, new { text = Text })).Is(201);
        var task = added["task"]!;
        var id = (string)task["id"]!;

        Assert.Equal($"/api/tasks/{id}", added.Header("Location"));
        Assert.Equal("\"1\"", added.Header("ETag"));
        Assert.False((bool)added["dry_run"]!);
        Assert.Equal(
            ("Call mom", "2026-01-02T17:00:00+01:00", "Europe/Berlin", "high", "30 minutes", """["family"]"""),
            ((string)task["title"]!, (string)task["due_date"]!, (string)task["time_zone"]!, (string)task["priority"]!, (string)task["reminder_offset"]!, task["tags"]!.ToJsonString()));
        Assert.True(JsonNode.DeepEquals(task, (await alice.Get($"/api/tasks/{id}")).Is(200).Json));
        var reminder = Assert.Single((await alice.Get($"/api/reminders?task_id={id}")).Is(200).Json.AsArray())!;
        Assert.Equal("2026-01-02T15:30:00.000000Z", (string)reminder["remind_at"]!);
        Assert.Equal(
            ["task-events", "task-updates", "reminders"],
            await app.Database.Column<string>($"select topic from outbox where key = '{id}' order by position"));
    }

    [Fact]
    public async Task The_spans_say_what_became_what()
    {
        using var alice = await app.SignUp("Europe/Berlin");

        var added = (await alice.Post(Route, new { text = "🥛 \"p2\" tomorrow 5pm every day #home p1 31 feb", dry_run = true })).Is(200);

        Assert.Equal(
            [
                "literal 3-7 \"p2\"", "due 8-20 2026-01-02T17:00:00+01:00", "recurrence 21-30 daily", "tag 31-36 home", "priority 37-39 high",
            ],
            added["spans"]!.AsArray().Select(span => $"{span!["kind"]} {span["start"]}-{span["end"]} {span["value"]}"));
        var note = Assert.Single(added["ambiguous"]!.AsArray())!;
        Assert.Equal(("31 feb", "invalid_date", 40, 46), ((string)note["text"]!, (string)note["code"]!, (int)note["start"]!, (int)note["end"]!));
        Assert.Equal("🥛 \"p2\" 31 feb", (string)added["task"]!["title"]!);
    }

    // Not what fires meanwhile of the tasks before.
    private Task<long> CountStored() => app.Database.Scalar<long>(
        """
        select (select count(*) from task_item) + (select count(*) from reminder) + (select count(*) from outbox where topic = 'task-events')
            + (select count(*) from idempotent_response)
        """);

    [Fact]
    public async Task A_dry_run_equals_the_real_one_and_stores_nothing()
    {
        using var alice = await app.SignUp("America/New_York");
        (await alice.Put("/api/notifications/preferences", new { default_reminder_offset = "15 minutes" })).Is(200);
        var texts = new[] { Text, "Buy milk", "Gym every mon, wed and fri at 9am", "Pay rent 31 jan", "Shave every! 2 days", "Work 9am - 5pm", "Trash tomorrow remind me at 8am" };
        foreach (var text in texts)
        {
            var before = await CountStored();
            var dry = (await alice.Post(Route, new { text, dry_run = true }, ("Idempotency-Key", text.Replace(' ', '-')))).Is(200);
            Assert.Equal(before, await CountStored());
            Assert.Equal(Guid.Empty.ToString(), (string)dry["task"]!["id"]!);
            Assert.Null(dry.Header("Location"));

            var real = (await alice.Post(Route, new { text })).Is(201);
            Assert.Equal(Comparable(dry), Comparable(real));
        }
    }

    [Fact]
    public async Task A_removed_chip_stays_in_the_title()
    {
        using var alice = await app.SignUp();
        var text = "Watch The Friday Night Club friday";
        var dry = (await alice.Post(Route, new { text = "Meet monday p1", dry_run = true })).Is(200);
        var chip = dry["spans"]!.AsArray().Single(span => (string)span!["kind"]! == "due")!;

        var kept = (await alice.Post(Route, new { text = "Meet monday p1", keep = new[] { new { start = (int)chip["start"]!, end = (int)chip["end"]! } } })).Is(201);

        Assert.Equal(("Meet monday", "high"), ((string)kept["task"]!["title"]!, (string)kept["task"]!["priority"]!));
        Assert.Null(kept["task"]!["due_date"]);
        Assert.Equal("literal", (string)kept["spans"]![0]!["kind"]!);
        Assert.Equal("Watch The Friday Night Club", (string)(await alice.Post(Route, new { text })).Is(201)["task"]!["title"]!);
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_adds_nothing()
    {
        using var alice = await app.SignUp();
        var key = ("Idempotency-Key", "quick-1");

        var first = (await alice.Post(Route, new { text = Text }, key)).Is(201);
        var again = (await alice.Post(Route, new { text = Text }, key)).Is(201);

        Assert.Equal((first.Body, "true"), (again.Body, again.Header("Idempotency-Replayed")));
        (await alice.Post(Route, new { text = "Another" }, key)).IsProblem(422, "idempotency_key_reused");
        Assert.Single((await alice.Get("/api/tasks")).Json.AsArray());
    }

    [Fact]
    public async Task A_reminder_at_a_time_counts_from_the_preferred_time_of_all_day_tasks()
    {
        using var alice = await app.SignUp("Europe/Berlin");
        (await alice.Put("/api/notifications/preferences", new { all_day_reminder_time = "10:30" })).Is(200);

        foreach (var key in new[] { null, "k" })
        {
            var added = (await alice.Post(Route, new { text = "Trash tomorrow remind me at 9am" }, key is null ? [] : [("Idempotency-Key", key)])).Is(201);
            Assert.Equal("90 minutes", (string)added["task"]!["reminder_offset"]!);
            var reminder = Assert.Single((await alice.Get($"/api/reminders?task_id={added["task"]!["id"]}")).Is(200).Json.AsArray())!;
            Assert.Equal("2026-01-02T08:00:00.000000Z", (string)reminder["remind_at"]!);
        }
    }

    [Fact]
    public async Task The_language_is_the_requests()
    {
        using var alice = await app.SignUp("Europe/Berlin");

        var task = (await alice.Post(Route, new { text = "Mama anrufen morgen um 17 Uhr", language = "de", dry_run = true })).Is(200)["task"]!;

        Assert.Equal(("Mama anrufen", "2026-01-02T17:00:00+01:00"), ((string)task["title"]!, (string)task["due_date"]!));
    }

    [Theory]
    [InlineData("""{}""", "text")]
    [InlineData("""{"text": null}""", "text")]
    [InlineData("""{"text": "  "}""", "text")]
    [InlineData("""{"text": 5}""", "text")]
    [InlineData("""{"text": "a\u0001b"}""", "text")]
    [InlineData("""{"text": "\ud83d"}""", "text")]
    [InlineData("""{"text": "tomorrow 5pm #home p1"}""", "text")]
    [InlineData("""{"text": "tomorrow", "dry_run": true}""", "text")]
    [InlineData("""{"text": "x", "dry_run": "yes", "language": "fr", "keep": 1}""", "dry_run,language,keep")]
    [InlineData("""{"text": "x", "keep": [{"start": -1}]}""", "keep[0].start,keep[0].end")]
    public async Task A_bad_field_is_named(string body, string fields)
    {
        using var alice = await app.SignUp();

        var answer = await alice.Post(Route, body);

        answer.IsProblem(400, "invalid_request");
        Assert.Equal(fields, string.Join(',', answer.BadFields));
        Assert.Empty((await alice.Get("/api/tasks")).Json.AsArray());
    }

    [Fact]
    public async Task A_text_and_its_title_have_a_length()
    {
        using var alice = await app.SignUp();

        Assert.Equal(["text"], (await alice.Post(Route, new { text = new string('a', 4001) })).IsProblem(400, "invalid_request").BadFields);
        Assert.Equal(["text"], (await alice.Post(Route, new { text = new string('a', 501) + " tomorrow" })).IsProblem(400, "invalid_request").BadFields);
        (await alice.Post(Route, new { text = string.Concat(Enumerable.Repeat("🥛", 500)) + " tomorrow" })).Is(201);
    }

    [Fact]
    public async Task It_needs_a_token_that_may_write_tasks()
    {
        using var alice = await app.SignUp();
        using var nobody = app.Anonymous();
        using var reader = new ApiClient(app.Address, (await alice.Post("/api/tokens", new { name = "r", scopes = new[] { "tasks:read" } })).Is(201).Text("token"));
        using var writer = new ApiClient(app.Address, (await alice.Post("/api/tokens", new { name = "w", scopes = new[] { "tasks:write" } })).Is(201).Text("token"));

        (await nobody.Post(Route, new { text = "x" })).Is(401);
        (await reader.Post(Route, new { text = "x" })).IsProblem(403, "insufficient_scope");
        (await reader.Post(Route, new { text = "x", dry_run = true })).IsProblem(403, "insufficient_scope");
        (await writer.Post(Route, new { text = "x" })).Is(201);
    }

    // Ids and instants differ, and what says that it is a dry run.
    private static string Comparable(ApiAnswer answer)
    {
        var json = answer.Json.DeepClone();
        json["dry_run"] = null;
        foreach (var field in new[] { "id", "series_id", "created_at", "updated_at" })
        {
            json["task"]![field] = json["task"]![field] is null ? "none" : "some";
        }

        return json.ToJsonString();
    }

    public sealed class App : TestApp
    {
        protected override TimeProvider Clock { get; } = new FakeClock();
    }
}
