using System.Text.Json.Nodes;
using TodoFlow.Infrastructure.Audit;
using TodoFlow.Infrastructure.Consumers;
using TodoFlow.Tests.Support;
using Xunit;
using static TodoFlow.Tests.Integration.Sync.SyncRequests;

namespace TodoFlow.Tests.Integration.Sync;

/// <summary>What a device may change, and what it is told of that.</summary>
public sealed class SyncPushTests(SyncApp app) : IClassFixture<SyncApp>
{
    [Fact]
    public async Task Every_command_does_what_its_request_does()
    {
        using var alice = await app.SignUp("Europe/Berlin");
        var id = Guid.CreateVersion7();

        var answer = await alice.Sync(
            null,
            Command("create", id, new { title = " plums ", tags = new[] { "a" }, due_date = "2099-01-01" }),
            Command("update", id, new { priority = "high" }, baseVersion: 1),
            Command("add_tags", id, new { tags = new[] { "b", "c" } }),
            Command("remove_tags", id, new { tags = new[] { "a" } }),
            Command("set_reminder", id, new { remind_at = "2098-01-01T09:00:00Z" }),
            Command("complete", id),
            Command("reopen", id),
            Command("delete", id),
            Command("delete", id),
            Command("restore", id));

        Assert.Equal(Enumerable.Repeat("applied", 10), answer.Statuses());
        Assert.Equal([1, 2, 3, 4, null, 5, 6, 7, null, 8], answer["results"]!.AsArray().Select(result => result!["version"]?.GetValue<int>()));
        var task = Assert.Single(answer.Changed());
        Assert.Equal((await alice.Get($"/api/tasks/{id}")).Body, task.ToJsonString());
        Assert.Equal(("plums", "Europe/Berlin", """["b","c"]"""), (task["title"]!.GetValue<string>(), task["time_zone"]!.GetValue<string>(), task["tags"]!.ToJsonString()));
        var reminder = Assert.Single(answer.Changed("reminders"));
        Assert.Equal("pending", reminder["status"]!.GetValue<string>());

        var next = await alice.Sync(
            answer.Token(),
            Command("snooze", null, new { reminder_id = reminder["id"], until = DateTimeOffset.UtcNow.AddDays(7) }),
            Command("remove_reminder", null, new { reminder_id = reminder["id"] }),
            Command("remove_reminder", null, new { reminder_id = Guid.NewGuid() }),
            Command("read_notification", null, new { notification_id = Guid.NewGuid() }));
        Assert.Equal(["applied", "applied", "applied", "rejected"], next.Statuses());
        Assert.Equal("cancelled", Assert.Single(next.NewSince(answer, "reminders"))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_command_that_is_sent_again_gets_its_first_result_and_is_not_run_again()
    {
        using var alice = await app.SignUp();
        var id = Guid.CreateVersion7();
        object[] commands =
        [
            Command("create", id, new { title = "a" }),
            Command("update", id, new { title = "b" }),
            Command("update", id, new { title = "" }),
            Command("complete", id),
        ];
        var first = await alice.Sync(null, commands);
        Assert.Equal(["applied", "applied", "rejected", "applied"], first.Statuses());
        (await alice.Put($"/api/tasks/{id}", new { title = "c", status = "pending" })).Is(200);

        var second = await alice.Sync(null, [.. commands, commands[1]]);

        Assert.Equal(["duplicate", "duplicate", "duplicate", "duplicate", "duplicate"], second.Statuses());
        Assert.Equal([1, 2, null, 3], first["results"]!.AsArray().Select(result => result!["version"]?.GetValue<int>()));
        Assert.Equal([1, 2, null, 3, 2], second["results"]!.AsArray().Select(result => result!["version"]?.GetValue<int>()));
        Assert.Equal("args.title", second["results"]![2]!["problem"]!["errors"]![0]!["field"]!.GetValue<string>());
        Assert.Equal("c", (await alice.Get($"/api/tasks/{id}")).Text("title"));
    }

    [Fact]
    public async Task A_batch_that_comes_twice_at_once_is_run_once()
    {
        using var alice = await app.SignUp();
        for (var round = 0; round < 10; round++)
        {
            var id = Guid.CreateVersion7();
            object[] commands =
            [
                Command("create", id, new { title = "a" }),
                .. Enumerable.Range(0, 5).Select(i => Command("update", id, new { title = $"{i}" })),
                Command("update", Guid.CreateVersion7(), new { title = "of none" }),
            ];

            var answers = await Task.WhenAll(alice.Sync(null, commands), alice.Sync(null, commands), alice.Sync(null, commands));

            Assert.Equal("\"6\"", (await alice.Get($"/api/tasks/{id}")).Header("ETag"));
            for (var i = 0; i < commands.Length; i++)
            {
                Assert.Single(answers.Select(answer => answer["results"]![i]!["version"]?.GetValue<int>()).Distinct());
                Assert.True(answers.Count(answer => answer["results"]![i]!["status"]!.GetValue<string>() == "applied") <= 1);
            }
        }
    }

    [Fact]
    public async Task An_older_version_wins_and_says_which_fields_it_overwrote()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a", description = "d" })).Is(201).Id;
        (await alice.Put($"/api/tasks/{id}", new { title = "phone" })).Is(200);

        var answer = await alice.Sync(null, Command("update", id, new { title = "laptop", description = "e" }, baseVersion: 1), Command("update", id, new { description = "f" }, baseVersion: 2));

        Assert.Equal(["conflict", "conflict"], answer.Statuses());
        Assert.Equal("""[{"field":"title","old":"phone","new":"laptop"}]""", answer["results"]![0]!["overwritten"]!.ToJsonString());
        Assert.Equal("""[{"field":"description","old":"e","new":"f"}]""", answer["results"]![1]!["overwritten"]!.ToJsonString());
    }

    [Fact]
    public async Task A_rejected_create_rejects_what_follows_on_its_task_and_nothing_else()
    {
        using var alice = await app.SignUp();
        var (bad, good) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var create = Command("create", bad, new { title = "" });

        var answer = await alice.Sync(null, create, Command("update", bad, new { title = "b" }), Command("delete", bad), Command("create", good, new { title = "c" }));

        Assert.Equal(["rejected", "rejected", "rejected", "applied"], answer.Statuses());
        Assert.Equal(["invalid_request", "task_not_created", "task_not_created"], answer["results"]!.AsArray().Take(3).Select(result => result!["problem"]!["code"]!.GetValue<string>()));
        var again = await alice.Sync(null, create, Command("complete", bad));
        Assert.Equal(["duplicate", "rejected"], again.Statuses());
        Assert.Equal("task_not_created", again["results"]![1]!["problem"]!["code"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"type": "update", "task_id": null}""", "task_id")]
    [InlineData("""{"type": "update", "args": []}""", "args")]
    [InlineData("""{"type": "create", "args": {"title": 1, "tags": [1], "due_date": "soon"}}""", "args.title")]
    [InlineData("""{"type": "add_tags", "args": {}}""", "args.tags")]
    [InlineData("""{"type": "set_reminder", "args": {}}""", "args.reminder_offset")]
    [InlineData("""{"type": "snooze", "args": {"minutes": 5}}""", "args.reminder_id")]
    [InlineData("""{"type": "read_notification"}""", "args.notification_id")]
    public async Task A_command_whose_arguments_are_wrong_is_rejected_by_field(string command, string field)
    {
        using var alice = await app.SignUp();
        var given = JsonNode.Parse(command)!.AsObject();
        given["id"] = Guid.NewGuid();
        given.TryAdd("task_id", (JsonNode)Guid.CreateVersion7());

        var answer = await alice.Sync(null, given);

        Assert.Equal(["rejected"], answer.Statuses());
        Assert.Contains(field, answer["results"]![0]!["problem"]!["errors"]!.AsArray().Select(error => error!["field"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("""{"commands": [{}]}""", "commands[0].id", "commands[0].type")]
    [InlineData("""{"commands": [{"id": "01a2024f-0000-7000-8000-000000000001", "type": "shout"}]}""", "commands[0].type")]
    [InlineData("""{"commands": [null]}""", "commands")]
    [InlineData("""{"commands": [7]}""", "commands")]
    [InlineData("""{"commands": [{"id": "01a2024f-0000-7000-8000-000000000001", "type": "delete", "base_version": 0}]}""", "commands[0].base_version")]
    [InlineData("""{"commands": {}}""", "commands")]
    [InlineData("""{"resources": ["tasks", "x"], "limit": 0}""", "limit", "resources")]
    public async Task A_request_that_is_none_is_refused_by_field(string body, params string[] fields)
    {
        using var alice = await app.SignUp();

        Assert.Equal(fields, (await alice.Post("/api/sync", body)).IsProblem(400, "invalid_request").BadFields.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Who_keeps_no_copy_sends_the_same_commands_in_a_batch()
    {
        using var alice = await app.SignUp();
        var id = Guid.CreateVersion7();
        var create = Command("create", id, new { title = "a" });

        var answer = (await alice.Post("/api/tasks/batch", new { commands = new[] { create, Command("complete", id), create } })).Is(200);

        Assert.Equal(["applied", "applied", "duplicate"], answer.Statuses());
        Assert.Equal(["results"], answer.Json.AsObject().Select(field => field.Key));
        Assert.Equal(["commands"], (await alice.Post("/api/tasks/batch", new { commands = Enumerable.Range(0, 101).Select(_ => Command("complete", id)) })).Is(400).BadFields);
    }

    [Theory]
    [InlineData("/api/tasks/batch")]
    [InlineData("/api/sync")]
    public async Task A_body_of_very_many_commands_is_one_error_and_none_of_them_is_read(string route)
    {
        using var alice = await app.SignUp();

        var refused = await alice.Post(route, new { commands = Enumerable.Repeat(new { }, 250_000) });

        Assert.Equal(["commands"], refused.IsProblem(400, "invalid_request").BadFields);
        Assert.InRange(refused.Body.Length, 1, 1000);
    }

    [Fact]
    public async Task The_time_of_the_device_is_kept_in_the_history()
    {
        using var alice = await app.SignUp();
        var id = Guid.CreateVersion7();
        await alice.Sync(null, Command("create", id, new { title = "a" }, at: new DateTimeOffset(1999, 12, 31, 23, 0, 0, TimeSpan.FromHours(-1))), Command("complete", id));

        await app.Host.Services.GetRequiredService<Inbox>().Deliver(
            app.Host.Services.GetRequiredService<AuditTrail>(), await EventServices.Records(app.Database), CancellationToken.None);

        var history = (await alice.Get($"/api/tasks/{id}/history")).Is(200).Json.AsArray();
        Assert.Equal(["2000-01-01T00:00:00.000000Z", null], history.Select(entry => entry!["client_time"]?.GetValue<string>()));
    }
}
