using System.Text.Json.Nodes;
using TodoFlow.Infrastructure.Assistant.Chat;
using TodoFlow.Infrastructure.Retention;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Chat;

/// <summary>A conversation with a language model over the caller's tasks.</summary>
public sealed class ChatTests(ChatApp app) : IClassFixture<ChatApp>
{
    [Fact]
    public async Task A_message_leads_to_calls_and_the_response_lists_what_they_committed()
    {
        using var alice = await app.User();
        app.Model
            .Calls(("add_tasks", new { tasks = new[] { new { title = "Water the plants", due_date = "2026-11-29" } } }))
            .Says("I have deleted ", "all of it.");

        var answer = (await alice.Say("Remind me to water the plants tomorrow")).Is(200);

        Assert.Equal("I have deleted all of it.", answer.Text("response")); // whatever it says, the actions are the record
        Assert.Equal("model", answer.Text("mode"));
        Assert.Equal(["created Water the plants"], answer.Actions());
        Assert.Equal(1, (int)answer["actions"]![0]!["version"]!);
        Assert.Empty(answer["approvals"]!.AsArray());
        var task = (await alice.Get($"/api/tasks/{answer["actions"]![0]!["task_id"]}")).Is(200);
        Assert.Equal("2026-11-29", task.Text("due_date"));
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.All(app.Model.Authorizations, sent => Assert.Equal("Bearer the key of the scripted model", sent));
    }

    [Fact]
    public async Task The_model_is_told_the_time_and_gets_texts_as_JSON_and_the_tools_of_the_token()
    {
        using var alice = await app.User();
        await alice.AddTask("Say \"hi\" to Bob\tand Eve");
        app.Model.Calls(("find_tasks", new { })).Says("There is one.");

        (await alice.Say("What is there?")).Is(200);

        var system = (string)app.Model.Last.Sent("system").Single()["content"]!;
        Assert.Contains("2026-11-28T", system, StringComparison.Ordinal);
        Assert.Contains("Saturday. Time zone: Europe/Berlin", system, StringComparison.Ordinal);
        var result = JsonNode.Parse((string)app.Model.Last.Sent("tool").Single()["content"]!)!;
        Assert.Equal("Say \"hi\" to Bob\tand Eve", (string)result["tasks"]![0]!["title"]!);
        Assert.Equal(11, app.Model.Last["tools"]!.AsArray().Count);
        Assert.Equal(1000, (int)app.Model.Last["max_completion_tokens"]!);
        Assert.Equal("scripted-1", (string)app.Model.Last["model"]!);
    }

    [Fact]
    public async Task A_token_gives_the_model_only_the_tools_of_its_scopes()
    {
        using var alice = await app.User();
        var id = await alice.AddTask("Buy milk");
        using var reader = new ApiClient(app.Address, (await alice.Post("/api/tokens", new { name = "r", scopes = new[] { "tasks:read" } })).Is(201).Text("token"));
        app.Model.Calls(("complete_tasks", new { ids = new[] { id } })).Says("Done.");

        var answer = (await reader.Say("Complete it")).Is(200);

        Assert.Empty(answer.Actions());
        Assert.DoesNotContain("complete_tasks", app.Model.Requests.First()["tools"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("unknown_tool", (string)app.Model.Last.Sent("tool").Single()["content"]!, StringComparison.Ordinal);
        Assert.Equal(["Buy milk"], await alice.Titles());
    }

    [Fact]
    public async Task What_happens_comes_as_events_while_it_happens()
    {
        using var alice = await app.User();
        app.Model
            .Calls(("add_tasks", new { tasks = new[] { new { title = "Buy oat milk" } } }), ("no_such_tool", new { }))
            .Says("One ", "is added.");

        var events = await alice.Events("/api/chat", new { message = "Add oat milk" });

        Assert.Equal(["tool", "tool", "delta", "delta", "done"], events.Select(one => one.Name));
        Assert.Equal(("add_tasks", "started"), ((string)events[0].Data["name"]!, (string)events[0].Data["status"]!));
        Assert.Equal("done", (string)events[1].Data["status"]!);
        Assert.Equal(["created Buy oat milk"], events[1].Data.Actions());
        Assert.Equal("One is added.", string.Concat(events.Where(one => one.Name == "delta").Select(one => (string)one.Data["text"]!)));
        Assert.Equal("One is added.", (string)events[^1].Data["response"]!);
        Assert.Equal(["created Buy oat milk"], events[^1].Data.Actions());
    }

    [Fact]
    public async Task A_conversation_goes_on_is_listed_read_and_deleted()
    {
        using var alice = await app.User();
        app.Model.Says("Hello.").Calls(("find_tasks", new { })).Says("Nothing.").Says("Again.");
        var first = (await alice.Say("Good morning, what do you do?")).Is(200).Conversation();
        app.Time.Advance(TimeSpan.FromSeconds(1));
        var other = (await alice.Say("What is due?")).Is(200).Conversation();
        app.Time.Advance(TimeSpan.FromSeconds(1));
        (await alice.Say("And now?", first)).Is(200);

        Assert.Equal(["Good morning, what do you do?", "And now?"], app.Model.Last.Sent("user").Select(message => (string)message["content"]!));
        Assert.Equal([first.ToString(), other.ToString()], (await alice.Get("/api/chat")).Json.AsArray().Select(one => (string)one!["id"]!));
        var page = (await alice.Get("/api/chat?limit=1")).Is(200);
        Assert.Equal(other.ToString(), (string)(await alice.Get(page.Header("Link")!.Split('<', '>')[1])).Json[0]!["id"]!);
        var read = (await alice.Get($"/api/chat/{first}")).Is(200);
        Assert.Equal("Good morning, what do you do?", read.Text("title"));
        Assert.Equal(["user", "assistant", "user", "assistant"], read["messages"]!.AsArray().Select(message => (string)message!["role"]!));
        Assert.Equal("Again.", (string)read["messages"]![3]!["text"]!);
        (await alice.Delete($"/api/chat/{first}")).Is(204);
        (await alice.Delete($"/api/chat/{first}")).IsProblem(404, "conversation_not_found");
        (await alice.Get($"/api/chat/{first}")).IsProblem(404, "conversation_not_found");
        (await alice.Say("Still there?", first)).IsProblem(404, "conversation_not_found");
    }

    [Fact]
    public async Task Another_users_conversation_is_not_there()
    {
        using var alice = await app.User();
        using var bob = await app.SignUp();
        app.Model.Says("Hello.");
        var hers = (await alice.Say("This is mine")).Is(200).Conversation();

        (await bob.Get($"/api/chat/{hers}")).IsProblem(404, "conversation_not_found");
        (await bob.Delete($"/api/chat/{hers}")).IsProblem(404, "conversation_not_found");
        (await bob.Say("Let me in", hers)).IsProblem(404, "conversation_not_found");
        (await bob.Post($"/api/chat/{hers}/approvals", new { request_id = Guid.NewGuid(), approve = true })).IsProblem(404, "conversation_not_found");
        Assert.Empty((await bob.Get("/api/chat")).Json.AsArray());
        Assert.Empty((await bob.Get($"/api/chat?cursor={hers}")).Json.AsArray());
        (await alice.Get($"/api/chat/{hers}")).Is(200);
    }

    [Fact]
    public async Task Every_route_needs_a_token_that_may_read_tasks()
    {
        using var alice = await app.User();
        using var nobody = app.Anonymous();
        using var other = new ApiClient(app.Address, (await alice.Post("/api/tokens", new { name = "n", scopes = new[] { "notifications", "tasks:write" } })).Is(201).Text("token"));
        var id = Guid.NewGuid();
        foreach (var (client, status) in new[] { (nobody, 401), (other, 403) })
        {
            (await client.Say("Hello")).Is(status);
            (await client.Get("/api/chat")).Is(status);
            (await client.Get($"/api/chat/{id}")).Is(status);
            (await client.Delete($"/api/chat/{id}")).Is(status);
            (await client.Post($"/api/chat/{id}/approvals", new { request_id = id, approve = true })).Is(status);
        }

        Assert.Empty(app.Model.Requests);
    }

    [Theory]
    [InlineData("""{"message": ""}""", "message")]
    [InlineData("""{"message": "  "}""", "message")]
    [InlineData("""{"message": 5, "conversation_id": "x"}""", "message,conversation_id")]
    [InlineData("{}", "message")]
    public async Task A_bad_field_is_named(string body, string fields)
    {
        using var alice = await app.User();

        Assert.Equal(fields, string.Join(',', (await alice.Post("/api/chat", body)).IsProblem(400, "invalid_request").BadFields));
        Assert.Equal(["request_id", "approve"], (await alice.Post($"/api/chat/{Guid.NewGuid()}/approvals", new { })).IsProblem(400, "invalid_request").BadFields);
        Assert.Equal(["message"], (await alice.Say(new string('x', 4001))).IsProblem(400, "invalid_request").BadFields);
        Assert.Empty((await alice.Get("/api/chat")).Json.AsArray());
    }

    [Fact]
    public async Task What_a_provider_puts_into_a_call_comes_back_with_its_result()
    {
        using var alice = await app.User();
        var call = ScriptedModel.Call(0, "function-call-1", "find_tasks", "{}");
        call["extra_content"] = new JsonObject { ["google"] = new JsonObject { ["thought_signature"] = "CvUBAdHtim9+signature/==" } };
        app.Model.Streams(ScriptedModel.Delta(new JsonObject { ["tool_calls"] = new JsonArray(call) }), ScriptedModel.Finish("tool_calls"), ScriptedModel.Usage(1, 1)).Says("None.").Says("Yes.");

        var first = (await alice.Say("What is open?")).Is(200);
        Assert.Equal("CvUBAdHtim9+signature/==", Signature(app.Model.Last));
        (await alice.Say("Sure?", first.Conversation())).Is(200);

        Assert.Equal("CvUBAdHtim9+signature/==", Signature(app.Model.Last)); // also from the database

        static string Signature(JsonObject request) =>
            (string)request.Sent("assistant")[0]["tool_calls"]![0]!["extra_content"]!["google"]!["thought_signature"]!;
    }

    [Fact]
    public async Task Calls_in_pieces_and_several_at_once_are_put_together_however_a_provider_numbers_them()
    {
        using var alice = await app.User();
        var (one, two) = (ScriptedModel.Call(0, "a", "find_tasks", """{"query": """), ScriptedModel.Call(0, "b", "get_overview", "{}")); // Gemini: all are 0
        app.Model.Streams(
            ScriptedModel.Delta(new JsonObject { ["tool_calls"] = new JsonArray(one) }),
            ScriptedModel.Delta(new JsonObject { ["tool_calls"] = new JsonArray(new JsonObject { ["index"] = 0, ["function"] = new JsonObject { ["arguments"] = "\"milk\"}" } }) }),
            ScriptedModel.Delta(new JsonObject { ["tool_calls"] = new JsonArray(two, ScriptedModel.Call(2, "", "get_overview", "")) }),
            ScriptedModel.Finish("tool_calls")).Says("Done.");

        (await alice.Say("Find milk")).Is(200);

        var (calls, results) = (app.Model.Last.Sent("assistant")[0]["tool_calls"]!.AsArray(), app.Model.Last.Sent("tool"));
        Assert.Equal(["""{"query": "milk"}""", "{}", ""], calls.Select(call => (string)call!["function"]!["arguments"]!));
        Assert.Equal(calls.Select(call => (string)call!["id"]!), results.Select(result => (string)result["tool_call_id"]!));
        Assert.Equal(3, calls.Select(call => (string)call!["id"]!).Distinct().Count());
        Assert.All(results, result => Assert.DoesNotContain("error", (string)result["content"]!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unknown_tools_and_malformed_arguments_are_told_to_the_model_and_change_nothing()
    {
        using var alice = await app.User();
        app.Model.Calls(("drop_database", new { }), ("add_tasks", """{"tasks": [{"title": "half"""), ("add_tasks", "[1]"), ("add_tasks", new { tasks = "none" })).Says("Sorry.");

        var answer = (await alice.Say("Do something")).Is(200);

        Assert.Empty(answer.Actions());
        var codes = app.Model.Last.Sent("tool").Select(result => (string)JsonNode.Parse((string)result["content"]!)!["error"]!["code"]!);
        Assert.Equal(["unknown_tool", "malformed_arguments", "malformed_arguments", "invalid_request"], codes);
    }

    [Fact]
    public async Task A_model_that_only_calls_tools_is_stopped_after_six_rounds()
    {
        using var alice = await app.User();
        for (var i = 0; i < 6; i++)
        {
            app.Model.Calls(("get_overview", new { }));
        }

        app.Model.Calls(("add_tasks", new { tasks = new[] { new { title = "One too many" } } }));

        var answer = (await alice.Say("Loop")).Is(200);

        Assert.Equal(7, app.Model.Requests.Count);
        Assert.Null(app.Model.Last["tools"]);
        Assert.Empty(answer.Actions());
        Assert.Empty(await alice.Titles());
    }

    [Fact]
    public async Task The_same_call_in_one_message_adds_once_and_in_the_next_message_again()
    {
        using var alice = await app.User();
        var add = ("add_tasks", (object)new { tasks = new[] { new { title = "Buy milk" } } });
        app.Model.Calls(add).Calls(add).Says("Added.").Calls(add).Says("Added.");

        var first = (await alice.Say("Add milk")).Is(200);
        var second = (await alice.Say("Add milk once more", first.Conversation())).Is(200);

        Assert.Equal(["created Buy milk"], first.Actions());
        Assert.Equal(["created Buy milk"], second.Actions());
        Assert.Equal(["Buy milk", "Buy milk"], await alice.Titles());
    }

    [Fact]
    public async Task Long_conversations_are_cut_by_whole_turns()
    {
        using var alice = await app.User();
        Guid? conversation = null;
        for (var i = 0; i < 15; i++)
        {
            app.Model.Calls(("get_overview", new { })).Says(new string('a', 4000));
            conversation = (await alice.Say($"Message {i}", conversation)).Is(200).Conversation();
        }

        var sent = app.Model.Last["messages"]!.AsArray();
        var users = app.Model.Last.Sent("user").Select(message => (string)message["content"]!).ToList();
        Assert.InRange(users.Count, 5, 13);
        Assert.Equal("Message 14", users[^1]);
        Assert.Equal("user", (string)sent[1]!["role"]!); // right behind the system prompt: a turn begins
        Assert.Equal(30, (await alice.Get($"/api/chat/{conversation}")).Json["messages"]!.AsArray().Count);
    }

    [Fact]
    public async Task Conversations_are_exported_deleted_with_the_account_and_forgotten_after_thirty_days()
    {
        using var alice = await app.User();
        app.Model.Says("Hello there.").Says("Bye.").Says("Hi.");
        var old = (await alice.Say("An old conversation of mine")).Is(200).Conversation();
        var kept = (await alice.Say("A new conversation of mine")).Is(200).Conversation();

        var exported = (await alice.Get("/api/export")).Is(200)["conversations"]!.AsArray();
        Assert.Equal(["Bye.", "Hello there."], exported.Select(one => (string)one!["messages"]![1]!["text"]!).Order());

        await app.Database.Execute($"update conversation set updated_at = updated_at - interval '30 days 1 second' where id = '{old}'");
        await app.Host.Services.GetRequiredService<IEnumerable<IPruned>>().OfType<ConversationPruning>().Single().Prune(CancellationToken.None);
        Assert.Equal([kept.ToString()], (await alice.Get("/api/chat")).Json.AsArray().Select(one => (string)one!["id"]!));
        Assert.Equal(0, await Turns(old));
        Assert.Equal(1, await Turns(kept));

        (await alice.Delete("/api/me")).Is(204);
        Assert.Equal(0, await Turns(kept));
        Assert.Equal(0, await app.Database.Scalar<long>("select count(*) from chat_usage where not exists (select from app_user where id = user_id)"));

        Task<long> Turns(Guid id) => app.Database.Scalar<long>($"select count(*) from conversation_turn where conversation_id = '{id}'");
    }
}
