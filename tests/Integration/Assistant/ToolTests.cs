using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Assistant;

/// <summary>What each tool does, and what it refuses.</summary>
public sealed class ToolTests(ToolTests.App app) : IClassFixture<ToolTests.App>
{
    [Fact]
    public async Task The_overview_counts_in_the_user_s_days()
    {
        app.Time.SetUtcNow(new(2026, 3, 28, 23, 30, 0, TimeSpan.Zero)); // Sunday in Berlin, half an hour into the day whose clock goes forward
        var (mcp, alice) = await SignUp();
        using (alice)
        {
            await mcp.Call("add_tasks", new
            {
                tasks = new object[]
                {
                    new { title = "Yesterday", due_date = "2026-03-28" },
                    new { title = "Today", due_date = "2026-03-29", priority = "high" },
                    new { title = "Tonight", due_date = "2026-03-29T23:00:00" },
                    new { title = "Tomorrow", due_date = "2026-03-30T00:00:00" },
                    new { title = "Next week", due_date = "2026-04-05" },
                    new { title = "Some time" },
                },
            });

            var overview = await mcp.Call("get_overview", new { });

            Assert.Equal("2026-03-29T00:30:00+01:00", (string)overview["now"]!);
            Assert.Equal("Sunday", (string)overview["weekday"]!);
            Assert.Equal("Europe/Berlin", (string)overview["time_zone"]!);
            Assert.Equal(
                """{"open":6,"overdue":1,"due_today":2,"due_tomorrow":1,"due_next_7_days":3,"open_high_priority":1}""", overview["counts"]!.ToJsonString());
        }
    }

    [Fact]
    public async Task Tasks_are_found_by_words_and_filters_in_pages()
    {
        var (mcp, alice) = await SignUp();
        using (alice)
        {
            await mcp.Call("add_tasks", new
            {
                tasks = new object[]
                {
                    new { title = "Buy bread", due_date = "2026-05-01", tags = new[] { "home" }, description = "of rye" },
                    new { title = "Buy milk", due_date = "2026-05-02T09:00:00", tags = new[] { "home", "soon" } },
                    new { title = "Call mum", due_date = "2026-05-03" },
                    new { title = "Some time" },
                },
            });

            Assert.Equal(["Buy bread", "Buy milk", "Call mum", "Some time"], await Titles(new { }));
            Assert.Equal(["Buy milk"], await Titles(new { query = "buy mi" }));
            Assert.Equal(["Buy milk"], await Titles(new { tags = new[] { "home", "soon" } }));
            Assert.Equal(["Buy milk", "Call mum"], await Titles(new { due_from = "2026-05-02", due_until = "2026-05-03" }));
            Assert.Equal(["Buy bread"], await Titles(new { due_until = "2026-05-01" }));
            Assert.Empty(await Titles(new { status = "completed" }));
            Assert.Equal(["Some time", "Call mum", "Buy milk", "Buy bread"], await Titles(new { sort_by = "title", order = "desc" }));

            var first = await mcp.Call("find_tasks", new { limit = 3 });
            Assert.Equal(["Some time"], await Titles(new { limit = 3, cursor = (string)first["next_cursor"]! }));
            Assert.Equal("cursor", await Field("find_tasks", new { sort_by = "title", cursor = (string)first["next_cursor"]! }));
            var words = await mcp.Call("find_tasks", new { query = "buy", limit = 1 });
            Assert.Single(await Titles(new { query = "buy", limit = 1, cursor = (string)words["next_cursor"]! }));

            var milk = first["tasks"]![1]!;
            Assert.Equal(("2026-05-02T09:00:00+02:00", "Saturday", "Europe/Berlin"), ((string)milk["due_date"]!, (string)milk["due_weekday"]!, (string)milk["time_zone"]!));
            Assert.True((bool)first["tasks"]![0]!["has_description"]!);
            Assert.Null(first["tasks"]![0]!["description"]);
        }

        async Task<IEnumerable<string>> Titles(object find) => (await mcp.Call("find_tasks", find))["tasks"]!.AsArray().Select(task => (string)task!["title"]!).ToList();
        async Task<string> Field(string tool, object arguments) => (string)(await mcp.Fails(tool, arguments))["errors"]![0]!["field"]!;
    }

    [Theory]
    [InlineData("find_tasks", """{"limit": 51}""", "limit")]
    [InlineData("find_tasks", """{"status": "done"}""", "status")]
    [InlineData("find_tasks", """{"due_from": "tomorrow"}""", "due_from")]
    [InlineData("find_tasks", """{"in_trash": true, "query": "milk"}""", "query")]
    [InlineData("find_tasks", """{"due": "2026-01-01"}""", "due")] // it would be left out silently
    [InlineData("get_overview", """{"verbose": true}""", "verbose")]
    [InlineData("get_task", """{}""", "id")]
    [InlineData("get_task", """{"id": "first"}""", "id")]
    [InlineData("add_tasks", """{}""", "tasks")]
    [InlineData("add_tasks", """{"tasks": []}""", "tasks")]
    [InlineData("add_tasks", """{"tasks": {"title": "One"}}""", "tasks")]
    [InlineData("add_tasks", """{"tasks": [{"title": "One"}], "request_id": ""}""", "request_id")]
    [InlineData("complete_tasks", """{"ids": "all"}""", "ids")]
    [InlineData("delete_tasks", """{"ids": []}""", "ids")]
    [InlineData("delete_tasks", """{"all": true}""", "all")]
    public async Task A_call_that_is_wrong_names_the_field(string tool, string arguments, string field)
    {
        var (mcp, alice) = await SignUp();
        using (alice)
        {
            var error = await mcp.Fails(tool, JsonNode.Parse(arguments)!);

            Assert.Equal("invalid_request", (string)error["code"]!);
            Assert.Equal(field, (string)error["errors"]![0]!["field"]!);
        }
    }

    [Theory]
    [InlineData("add_tasks")]
    [InlineData("update_tasks")]
    [InlineData("reschedule_tasks")]
    [InlineData("set_reminders")]
    [InlineData("complete_tasks")]
    [InlineData("reopen_tasks")]
    [InlineData("delete_tasks")]
    [InlineData("restore_tasks")]
    public async Task A_batch_has_25_items_at_most(string tool)
    {
        var (mcp, alice) = await SignUp();
        using (alice)
        {
            var list = tool is "add_tasks" or "update_tasks" or "reschedule_tasks" or "set_reminders" ? "tasks" : "ids";
            object Batch(int count) => new Dictionary<string, object> { [list] = Enumerable.Range(0, count).Select(number => tool == "add_tasks" ? (object)new { title = $"Number {number}" } : Guid.NewGuid()) };

            Assert.Equal(25, (await mcp.Call(tool, Batch(25)))["results"]!.AsArray().Count);
            Assert.Equal(list, (string)(await mcp.Fails(tool, Batch(26)))["errors"]![0]!["field"]!);
            Assert.Equal(tool == "add_tasks" ? 25 : 0, (int)(await mcp.Call("get_overview", new { }))["counts"]!["open"]!);
        }
    }

    [Fact]
    public async Task An_item_that_fails_says_why_and_stops_no_other()
    {
        var (mcp, alice) = await SignUp();
        using (alice)
        {
            var added = await mcp.Call("add_tasks", new
            {
                tasks = new object[]
                {
                    new { title = "One" },
                    new { title = " ", due_date = "tomorrow" },
                    new { title = "Bad zone", time_zone = "Mars/Base" },
                    new { title = "Bad rule", recurrence = "sometimes", due_date = "2026-05-01" },
                    new { title = "No date", recurrence = "daily" },
                    new { title = "No reminder", reminders = new[] { "soon" }, due_date = "2026-05-01" },
                    new { title = "Reminds before nothing", reminders = new[] { "15 minutes" } },
                    new { title = "Unknown", status = "completed" },
                    "a text",
                    new { title = "Two", due_date = "2026-12-31T10:00:00-05:00", recurrence = "FREQ=WEEKLY;BYDAY=TH" },
                },
            });

            Assert.Equal((2, 8), ((int)added["changed"]!, (int)added["failed"]!));
            Assert.Equal(
                ["", "title due_date", "time_zone", "recurrence", "due_date", "reminders[0]", "reminders", "status", "arguments", ""],
                added["results"]!.AsArray().Select(result => string.Join(' ', (result!["error"]?["errors"]?.AsArray() ?? []).Select(error => (string)error!["field"]!))));
            Assert.Equal(2, (int)(await mcp.Call("get_overview", new { }))["counts"]!["open"]!);
        }
    }

    [Fact]
    public async Task Nobody_reaches_another_user_s_tasks()
    {
        var (mcp, alice) = await SignUp();
        var (other, bob) = await SignUp();
        using (alice)
        using (bob)
        {
            var id = (await alice.Post("/api/tasks", new { title = "Hers", due_date = "2026-05-01" })).Is(201).Id;
            var gone = (await alice.Post("/api/tasks", new { title = "Hers, in the trash" })).Is(201).Id;
            (await alice.Delete($"/api/tasks/{gone}")).Is(204);

            Assert.Equal("task_not_found", (string)(await other.Fails("get_task", new { id }))["code"]!);
            Assert.Empty((await other.Call("find_tasks", new { query = "hers" }))["tasks"]!.AsArray());
            Assert.Empty((await other.Call("find_tasks", new { in_trash = true }))["tasks"]!.AsArray());
            foreach (var (tool, arguments) in new (string, object)[]
            {
                ("update_tasks", new { tasks = new[] { new { id, title = "His" } } }),
                ("reschedule_tasks", new { tasks = new[] { new { id, due_date = "2026-06-01" } } }),
                ("set_reminders", new { tasks = new[] { new { id, reminders = Array.Empty<string>() } } }),
                ("complete_tasks", new { ids = new[] { id } }),
                ("reopen_tasks", new { ids = new[] { id } }),
                ("delete_tasks", new { ids = new[] { id, gone } }),
                ("restore_tasks", new { ids = new[] { gone } }),
            })
            {
                var result = await other.Call(tool, arguments);
                Assert.Equal(0, (int)result["changed"]!);
                Assert.All(result["results"]!.AsArray(), one => Assert.Equal("task_not_found", (string)one!["error"]!["code"]!));
            }

            var taken = await other.Call("add_tasks", new { tasks = new[] { new { id, title = "His" } } });
            Assert.Equal("task_id_taken", (string)taken["results"]![0]!["error"]!["code"]!);
            Assert.Equal(1, (int)(await alice.Get($"/api/tasks/{id}")).Is(200)["version"]!);
        }
    }

    [Fact]
    public async Task Only_what_is_named_is_updated()
    {
        var (mcp, alice) = await SignUp();
        using (alice)
        {
            var id = await Add(mcp, new { title = "Draft", description = "Long", due_date = "2026-05-01T09:00:00", time_zone = "America/New_York", tags = new[] { "a" } });

            var updated = await mcp.Call("update_tasks", new { tasks = new object[] { new { id, title = "Final", description = (string?)null, due_date = "2026-05-02T10:00:00" } } });

            var task = updated["results"]![0]!["task"]!;
            Assert.Equal("updated", (string)updated["results"]![0]!["status"]!);
            Assert.Equal(("Final", "2026-05-02T10:00:00-04:00", "America/New_York", "a"), ((string)task["title"]!, (string)task["due_date"]!, (string)task["time_zone"]!, (string)task["tags"]![0]!));
            Assert.Null((await mcp.Call("get_task", new { id }))["task"]!["description"]);
            var again = await mcp.Call("update_tasks", new { tasks = new object[] { new { id, title = "Final" } } });
            Assert.Equal(("unchanged", 0), ((string)again["results"]![0]!["status"]!, (int)again["changed"]!));
            var wrong = await mcp.Call("update_tasks", new { tasks = new object[] { new { id, title = "" }, new { id, version = 1 }, new { id = "x", title = "y" } } });
            Assert.Equal(["title", "version", "id"], wrong["results"]!.AsArray().Select(result => (string)result!["error"]!["errors"]![0]!["field"]!));
        }
    }

    [Fact]
    public async Task Rescheduling_moves_the_date_and_nothing_else()
    {
        var (mcp, alice) = await SignUp();
        using (alice)
        {
            var timed = await Add(mcp, new { title = "Stand-up", due_date = "2026-05-04T09:30:00", recurrence = "FREQ=WEEKLY;BYDAY=MO" });
            var allDay = await Add(mcp, new { title = "Bins", due_date = "2026-05-05", recurrence = "weekly" });
            var without = await Add(mcp, new { title = "Some time" });

            var moved = await mcp.Call("reschedule_tasks", new
            {
                tasks = new object[] { new { id = timed, due_date = "2026-05-06" }, new { id = allDay, due_date = "2026-05-06T10:00:00" }, new { id = without, due_date = "2026-05-06T10:00:00" } },
            });

            var results = moved["results"]!.AsArray();
            Assert.Equal(["rescheduled", "failed", "rescheduled"], results.Select(result => (string)result!["status"]!));
            Assert.Equal(("2026-05-06T09:30:00+02:00", "Wednesday", "FREQ=WEEKLY;BYDAY=MO"), ((string)results[0]!["task"]!["due_date"]!, (string)results[0]!["task"]!["due_weekday"]!, (string)results[0]!["task"]!["recurrence"]!));
            Assert.Equal("due_date", (string)results[1]!["error"]!["errors"]![0]!["field"]!);
            Assert.Equal("2026-05-06T10:00:00+02:00", (string)results[2]!["task"]!["due_date"]!);

            var again = await mcp.Call("reschedule_tasks", new { tasks = new[] { new { id = timed, due_date = "2026-05-06" } } });
            Assert.Equal("unchanged", (string)again["results"]![0]!["status"]!);
            await mcp.Call("complete_tasks", new { ids = new[] { timed } });
            var next = await Eventually.Finds(async () => (await mcp.Call("find_tasks", new { query = "\"Stand-up\"" }))["tasks"]!.AsArray().SingleOrDefault());
            Assert.Equal("2026-05-11T09:30:00+02:00", (string)next["due_date"]!); // the Monday that it was always to be
        }
    }

    [Fact]
    public async Task Completing_deleting_and_their_undoing_can_each_be_sent_again()
    {
        var (mcp, alice) = await SignUp();
        using (alice)
        {
            var id = await Add(mcp, new { title = "Once" });

            foreach (var (tool, status) in new[] { ("complete_tasks", "completed"), ("reopen_tasks", "reopened"), ("delete_tasks", "deleted"), ("restore_tasks", "restored") })
            {
                var twice = await mcp.Call(tool, new { ids = new[] { id, id } });
                Assert.Equal([status, "unchanged"], twice["results"]!.AsArray().Select(result => (string)result!["status"]!));
                Assert.Equal((1, 0), ((int)twice["changed"]!, (int)twice["failed"]!));
                if (tool == "delete_tasks")
                {
                    Assert.Equal("task_not_found", (string)(await mcp.Fails("get_task", new { id }))["code"]!);
                    var trash = await mcp.Call("find_tasks", new { in_trash = true });
                    Assert.Equal(id, (string)trash["tasks"]!.AsArray().Single()!["id"]!);
                }
            }

            Assert.Equal("Once", (string)(await mcp.Call("get_task", new { id }))["task"]!["title"]!);
            var wrong = await mcp.Call("delete_tasks", new { ids = new object[] { "nonsense", 7, id } });
            Assert.Equal(["failed", "failed", "deleted"], wrong["results"]!.AsArray().Select(result => (string)result!["status"]!));
        }
    }

    private static async Task<string> Add(McpCaller mcp, object task) => (string)(await mcp.Call("add_tasks", new { tasks = new[] { task } }))["results"]![0]!["id"]!;

    private async Task<(McpCaller Mcp, ApiClient Client)> SignUp()
    {
        var client = await app.SignUp("Europe/Berlin");
        return (new McpCaller(client), client);
    }

    public sealed class App : TestApp
    {
        public FakeClock Time { get; } = new();

        protected override TimeProvider Clock => Time;
    }
}
