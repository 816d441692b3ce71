using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Assistant;

/// <summary>A call that is sent again adds nothing, and whoever wants the same twice can have it.</summary>
public sealed class AddTasksTests(AddTasksTests.App app) : IClassFixture<AddTasksTests.App>
{
    private static readonly object Milk = new { title = "Buy milk", due_date = "2026-02-01", tags = new[] { "home" }, reminders = new[] { "1 day", "2 hours", "2026-01-31T18:00:00" } };

    [Fact]
    public async Task A_call_that_is_sent_again_adds_nothing()
    {
        using var alice = await app.SignUp("Europe/Berlin");
        var mcp = new McpCaller(alice);

        var first = await mcp.Call("add_tasks", new { tasks = new[] { Milk } });
        var second = await mcp.Call("add_tasks", new { tasks = new[] { new { reminders = new[] { "1 day", "2 hours", "2026-01-31T18:00:00" }, tags = new[] { "home" }, due_date = "2026-02-01", title = "Buy milk" } } });

        Assert.Equal(("created", 1), (Status(first), (int)first["changed"]!));
        Assert.Equal(("exists", 0), (Status(second), (int)second["changed"]!));
        Assert.Equal(Id(first), Id(second));
        Assert.Equal(8, Guid.Parse(Id(first)).Version);
        var task = (await mcp.Call("get_task", new { id = Id(first) }))["task"]!;
        Assert.Equal(
            ["2026-01-31T09:00:00+01:00 Saturday 1 day", "2026-01-31T18:00:00+01:00 Saturday ", "2026-02-01T07:00:00+01:00 Sunday 2 hours"],
            task["reminders"]!.AsArray().Select(reminder => $"{reminder!["remind_at"]} {reminder["weekday"]} {reminder["before_due"]}"));
    }

    [Fact]
    public async Task Calls_that_are_sent_at_once_add_one_task()
    {
        using var alice = await app.SignUp();
        var mcp = new McpCaller(alice);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => new McpCaller(alice).Call("add_tasks", new { tasks = new[] { Milk } })));

        Assert.Single(answers, answer => Status(answer) == "created");
        Assert.Single(answers.Select(Id).Distinct());
        Assert.Equal(3, (await mcp.Call("get_task", new { id = Id(answers[0]) }))["task"]!["reminders"]!.AsArray().Count);
    }

    [Fact]
    public async Task Whoever_wants_the_same_twice_gets_it()
    {
        using var alice = await app.SignUp();
        using var bob = await app.SignUp();
        var mcp = await Script(alice);

        var pair = await mcp.Call("add_tasks", new { tasks = new[] { Milk, Milk } }); // two in one call
        var pairAgain = await mcp.Call("add_tasks", new { tasks = new[] { Milk, Milk } });
        var wanted = await mcp.Call("add_tasks", new { tasks = new[] { Milk }, request_id = "another bottle" });
        var wantedAgain = await mcp.Call("add_tasks", new { tasks = new[] { Milk }, request_id = "another bottle" });
        var his = await new McpCaller(bob).Call("add_tasks", new { tasks = new[] { Milk } });

        Assert.Equal((2, 0), ((int)pair["changed"]!, (int)pairAgain["changed"]!));
        Assert.Equal(("created", "exists", "created"), (Status(wanted), Status(wantedAgain), Status(his)));
        Assert.Equal(3, (int)(await mcp.Call("get_overview", new { }))["counts"]!["open"]!);

        app.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal("created", Status(await mcp.Call("add_tasks", new { tasks = new[] { Milk } })));
        Assert.Equal("exists", Status(await mcp.Call("add_tasks", new { tasks = new[] { Milk }, request_id = "another bottle" })));
    }

    [Fact]
    public async Task A_repeat_after_midnight_adds_nothing_either()
    {
        using var alice = await app.SignUp("Europe/Berlin");
        var mcp = await Script(alice);
        var berlin = TimeZoneInfo.ConvertTimeBySystemTimeZoneId(app.Time.GetUtcNow(), "Europe/Berlin");
        app.Time.Advance(berlin.Date.AddDays(1) - berlin.DateTime - TimeSpan.FromMinutes(1)); // 23:59
        var before = await mcp.Call("add_tasks", new { tasks = new[] { Milk } });
        app.Time.Advance(TimeSpan.FromMinutes(2));

        var after = await mcp.Call("add_tasks", new { tasks = new[] { Milk } });

        Assert.Equal(("created", "exists"), (Status(before), Status(after)));
    }

    [Fact]
    public async Task What_became_of_the_task_since_is_said()
    {
        using var alice = await app.SignUp();
        var mcp = new McpCaller(alice);
        var id = Id(await mcp.Call("add_tasks", new { tasks = new[] { Milk } }));

        await mcp.Call("complete_tasks", new { ids = new[] { id } });
        var completed = await mcp.Call("add_tasks", new { tasks = new[] { Milk } });
        await mcp.Call("delete_tasks", new { ids = new[] { id } });
        var trashed = await mcp.Call("add_tasks", new { tasks = new[] { Milk } });

        Assert.Equal(("exists", "completed"), (Status(completed), (string)completed["results"]![0]!["task"]!["status"]!));
        Assert.Contains("reopen_tasks", (string)completed["results"]![0]!["note"]!, StringComparison.Ordinal);
        Assert.Equal(("in_trash", 0), (Status(trashed), (int)trashed["changed"]!));
        Assert.Contains(id, (string)trashed["results"]![0]!["note"]!, StringComparison.Ordinal);
        Assert.Equal(0, (int)(await mcp.Call("get_overview", new { }))["counts"]!["open"]!);
    }

    [Fact]
    public async Task A_client_may_give_the_id_but_none_of_the_service_s()
    {
        using var alice = await app.SignUp();
        var mcp = new McpCaller(alice);
        var id = Guid.NewGuid();

        var first = await mcp.Call("add_tasks", new { tasks = new[] { new { id, title = "Mine" } } });
        var again = await mcp.Call("add_tasks", new { tasks = new[] { new { id, title = "Mine" } } });
        var other = await mcp.Call("add_tasks", new { tasks = new[] { new { id, title = "Another" } } });
        var reserved = await mcp.Call("add_tasks", new { tasks = new[] { new { id = "00000000-0000-8000-8000-000000000001", title = "Next" } } });

        Assert.Equal(id.ToString(), Id(first));
        Assert.Equal(("created", "exists"), (Status(first), Status(again)));
        Assert.Equal("task_id_taken", (string)other["results"]![0]!["error"]!["code"]!);
        Assert.Equal("id", (string)reserved["results"]![0]!["error"]!["errors"]![0]!["field"]!);
    }

    [Fact]
    public async Task Reminders_are_set_as_a_whole()
    {
        using var alice = await app.SignUp("Europe/Berlin");
        var mcp = new McpCaller(alice);
        var due = app.Time.GetUtcNow().AddDays(10).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        var id = Id(await mcp.Call("add_tasks", new { tasks = new[] { new { title = "Fly", due_date = due, reminders = new[] { "1 day", "2 hours" } } } }));
        var plain = Id(await mcp.Call("add_tasks", new { tasks = new[] { new { title = "Some time" } } }));

        foreach (var (wanted, status, waiting) in new (string[], string, string[])[]
        {
            (["1 day", "PT2H"], "unchanged", ["1 day", "2 hours"]),
            (["2 hours", "30 minutes"], "reminders_set", ["2 hours", "30 minutes"]),
            (["2 hours", "30 minutes"], "unchanged", ["2 hours", "30 minutes"]),
            (["3 days"], "reminders_set", ["3 days"]),
            ([], "reminders_set", []),
            ([], "unchanged", []),
        })
        {
            var set = await mcp.Call("set_reminders", new { tasks = new[] { new { id, reminders = wanted } } });
            Assert.Equal(status, Status(set));
            Assert.Equal(waiting, set["results"]![0]!["task"]!["reminders"]!.AsArray().Select(reminder => (string)reminder!["before_due"]!));
            Assert.Equal(waiting.Length, (await alice.Get($"/api/reminders?task_id={id}&status=pending")).Is(200).Json.AsArray().Count);
        }

        var wrong = await mcp.Call("set_reminders", new { tasks = new object[] { new { id = plain, reminders = new[] { "1 day" } }, new { id, reminders = new[] { "soon" } }, new { id } } });
        Assert.Equal(["reminders", "reminders[0]", "reminders"], wrong["results"]!.AsArray().Select(result => (string)result!["error"]!["errors"]![0]!["field"]!));
        await mcp.Call("complete_tasks", new { ids = new[] { id } });
        Assert.Equal("task_completed", (string)(await mcp.Call("set_reminders", new { tasks = new[] { new { id, reminders = new[] { "1 day" } } } }))["results"]![0]!["error"]!["code"]!);
    }

    [Fact]
    public async Task An_expired_token_calls_nothing()
    {
        using var alice = await app.SignUp();
        var mcp = new McpCaller(alice);
        await mcp.Call("get_overview", new { });

        app.Time.Advance(TimeSpan.FromMinutes(16));

        var refused = (await mcp.Send(new { jsonrpc = "2.0", id = 1, method = "tools/list" })).IsProblem(401, "token_expired");
        Assert.Equal("Bearer error=\"invalid_token\"", refused.Header("WWW-Authenticate"));
    }

    private static string Status(JsonNode batch) => (string)batch["results"]![0]!["status"]!;

    private static string Id(JsonNode batch) => (string)batch["results"]![0]!["id"]!;

    // A personal access token goes on when the clock is moved.
    private static async Task<McpCaller> Script(ApiClient user) =>
        new(new ApiClient(user.Address, (await user.Post("/api/tokens", new { name = "script", scopes = new[] { "tasks:read", "tasks:write" } })).Is(201).Text("token")));

    public sealed class App : TestApp
    {
        public FakeClock Time { get; } = new(new(2026, 1, 10, 12, 0, 0, TimeSpan.Zero));

        protected override TimeProvider Clock => Time;
    }
}
