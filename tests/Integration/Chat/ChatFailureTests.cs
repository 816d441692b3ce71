using System.Text.Json.Nodes;
using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Chat;

/// <summary>A model that fails, clients that leave, and limits that are reached.</summary>
public sealed class ChatFailureTests(ChatFailureTests.App app) : IClassFixture<ChatFailureTests.App>
{
    private static readonly (string, object) AddMilk = ("add_tasks", new { tasks = new[] { new { title = "Buy milk" } } });

    [Theory]
    [InlineData(429, "7", 503, "chat_provider_busy")]
    [InlineData(500, null, 502, "chat_provider_failed")]
    [InlineData(401, null, 502, "chat_provider_failed")]
    [InlineData(400, null, 502, "chat_provider_failed")]
    [InlineData(302, null, 502, "chat_provider_failed")]
    public async Task A_model_that_does_not_serve_is_told_of_and_leaves_nothing_behind(int status, string? retryAfter, int expected, string code)
    {
        using var alice = await app.User();
        app.Model.Fails(status, retryAfter);

        var answer = (await alice.Say("Hello")).IsProblem(expected, code);

        Assert.Equal(retryAfter, answer.Header("Retry-After"));
        Assert.Empty((await alice.Get("/api/chat")).Json.AsArray());
        Assert.Single(app.Model.Requests); // asked once
        app.Model.Says("Hello.");
        (await alice.Say("Hello again")).Is(200);
    }

    [Fact]
    public async Task A_failure_after_a_read_leaves_a_conversation_as_it_was()
    {
        using var alice = await app.User();
        app.Model.Says("Hello.").Calls(("find_tasks", new { })).Fails(500).Says("Here I am.");
        var conversation = (await alice.Say("Hello")).Is(200).Conversation();

        (await alice.Say("What is due?", conversation)).IsProblem(502, "chat_provider_failed");

        Assert.Equal(2, (await alice.Get($"/api/chat/{conversation}")).Json["messages"]!.AsArray().Count);
        (await alice.Say("Once more", conversation)).Is(200);
        Assert.Equal(["Hello", "Once more"], app.Model.Last.Sent("user").Select(message => (string)message["content"]!));
    }

    [Fact]
    public async Task What_was_committed_before_a_failure_is_told_and_kept()
    {
        using var alice = await app.User();
        app.Model.Calls(AddMilk).Fails(500).Says("Milk is there.");

        var answer = (await alice.Say("Add milk")).Is(200);

        Assert.Equal(["created Buy milk"], answer.Actions());
        Assert.StartsWith("The assistant broke off here.", answer.Text("response"), StringComparison.Ordinal);
        Assert.Equal(["created Buy milk"], (await alice.Get($"/api/chat/{answer.Conversation()}"))["messages"]![1]!.Actions());
        (await alice.Say("And?", answer.Conversation())).Is(200);
        Assert.Contains("created", (string)app.Model.Last.Sent("tool").Single()["content"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_is_cut_is_an_error_event_and_leaves_nothing_behind()
    {
        using var alice = await app.User();
        using var heard = new SemaphoreSlim(0);
        app.Model.Does(async http =>
        {
            await ScriptedModel.Write(http, ScriptedModel.Delta(new JsonObject { ["content"] = "I think that" }));
            await heard.WaitAsync(); // what is under way when a connection breaks may be lost
            http.Abort();
        }).BreaksAfter("So").Streams(ScriptedModel.Delta(new JsonObject { ["content"] = "No end" }))
            .Does(http => http.Response.WriteAsync("data: {\"choices\": 5}\n\n")).Does(http => http.Response.WriteAsync("data: {\"error\": {\"message\": \"overloaded\"}}\n\n"));

        using var client = new HttpClient { BaseAddress = app.Address };
        using var request = alice.EventRequest("/api/chat", new { message = "Hello" });
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead); // they come with the first event
        heard.Release();
        var events = ChatClients.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal(["delta", "error"], events.Select(one => one.Name));
        Assert.Equal(("chat_provider_failed", 502), ((string)events[1].Data["code"]!, (int)events[1].Data["status"]!));
        Assert.NotNull(events[1].Data["trace_id"]);
        for (var i = 0; i < 4; i++)
        {
            (await alice.Say("Hello")).IsProblem(502, "chat_provider_failed");
        }

        Assert.Empty((await alice.Get("/api/chat")).Json.AsArray());
    }

    [Fact]
    public async Task Before_the_first_event_a_failure_is_a_problem_with_its_status()
    {
        using var alice = await app.User();
        app.Model.Fails(429, "3");
        using var http = new HttpClient { BaseAddress = app.Address };
        using var request = alice.EventRequest("/api/chat", new { message = "Hello" });

        using var response = await http.SendAsync(request);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_model_that_takes_too_long_is_given_up()
    {
        using var alice = await app.User();
        using var gone = new SemaphoreSlim(0);
        app.Model.Does(Hang(gone)).Does(async http =>
        {
            await ScriptedModel.Write(http, ScriptedModel.Delta(new JsonObject { ["content"] = "Hm" }));
            await Hang(gone)(http);
        });

        foreach (var _ in new[] { "before it begins", "in the middle" })
        {
            var said = alice.Say("Hello");
            await Eventually.Holds(() => app.Model.Requests.Count == 1);
            app.Time.Advance(TimeSpan.FromMinutes(1));
            (await said).IsProblem(504, "chat_provider_timeout");
            Assert.True(await gone.WaitAsync(TimeSpan.FromMinutes(2)));
            app.Model.Requests.Clear();
        }

        Assert.Empty((await alice.Get("/api/chat")).Json.AsArray());
    }

    [Fact]
    public async Task A_client_that_leaves_ends_the_request_to_the_model()
    {
        using var alice = await app.User();
        using var gone = new SemaphoreSlim(0);
        app.Model.Does(async http =>
        {
            await ScriptedModel.Write(http, ScriptedModel.Delta(new JsonObject { ["content"] = "Let me think" }));
            await Hang(gone)(http);
        });
        using var http = new HttpClient { BaseAddress = app.Address };
        using var request = alice.EventRequest("/api/chat", new { message = "Hello" });
        using (var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            await (await response.Content.ReadAsStreamAsync()).ReadExactlyAsync(new byte[5]);
        }

        Assert.True(await gone.WaitAsync(TimeSpan.FromMinutes(2)));
        await Eventually.Holds(async () => (await alice.Get("/api/chat")).Json.AsArray().Count == 0);
    }

    [Fact]
    public async Task What_was_committed_for_a_client_that_left_is_kept()
    {
        using var alice = await app.User();
        using var gone = new SemaphoreSlim(0);
        app.Model.Calls(AddMilk).Does(Hang(gone));
        using var http = new HttpClient { BaseAddress = app.Address };
        using var request = alice.EventRequest("/api/chat", new { message = "Add milk" });
        using (var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            await Eventually.Holds(() => app.Model.Requests.Count == 2);
        }

        Assert.True(await gone.WaitAsync(TimeSpan.FromMinutes(2)));
        var conversation = (string)(await alice.Get("/api/chat")).Json[0]!["id"]!;
        await Eventually.Holds(async () => ((string)(await alice.Get($"/api/chat/{conversation}"))["messages"]![1]!["text"]!).Length > 0);
        Assert.Equal(["created Buy milk"], (await alice.Get($"/api/chat/{conversation}"))["messages"]![1]!.Actions());
        app.Model.Says("Here.");
        (await alice.Say("Are you there?", Guid.Parse(conversation))).Is(200);
    }

    [Fact]
    public async Task A_message_while_another_one_is_answered_is_409()
    {
        using var alice = await app.User();
        using var answer = new SemaphoreSlim(0);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Model.Says("Hello.").Does(async http =>
        {
            asked.SetResult();
            await answer.WaitAsync();
            await ScriptedModel.Write(http, ScriptedModel.Delta(new JsonObject { ["content"] = "At last." }), ScriptedModel.Finish("stop"));
        });
        var conversation = (await alice.Say("Hello")).Is(200).Conversation();

        var slow = alice.Say("Think about it", conversation);
        await asked.Task;
        (await alice.Say("Quick", conversation)).IsProblem(409, "chat_turn_under_way");
        (await alice.Post($"/api/chat/{conversation}/approvals", new { request_id = Guid.NewGuid(), approve = true })).IsProblem(409, "chat_turn_under_way");
        answer.Release();

        Assert.Equal("At last.", (await slow).Is(200).Text("response"));
        app.Model.Says("Yes.");
        (await alice.Say("Now?", conversation)).Is(200);
    }

    [Fact]
    public async Task A_turn_whose_process_died_keeps_others_out_for_minutes_only()
    {
        using var alice = await app.User();
        app.Model.Says("Hello.").Says("I am back.");
        var conversation = (await alice.Say("Hello")).Is(200).Conversation();
        await app.Database.Execute($"update conversation set busy_until = '{app.Time.GetUtcNow().AddMinutes(4):O}', version = version + 1 where id = '{conversation}'");

        (await alice.Say("Anybody?", conversation)).IsProblem(409, "chat_turn_under_way");
        app.Time.Advance(TimeSpan.FromMinutes(4));
        (await alice.Say("Anybody?", conversation)).Is(200);
    }

    [Fact]
    public async Task The_tokens_of_a_day_are_counted_and_then_it_is_429_until_the_next_day()
    {
        using var alice = await app.User();
        using var bob = await app.SignUp();
        app.Model.Streams(ScriptedModel.Delta(new JsonObject { ["content"] = "Long." }), ScriptedModel.Finish("stop"), ScriptedModel.Usage(1900, 100)).Says("Hello Bob.");
        (await alice.Say("Hello")).Is(200);

        var refused = (await alice.Say("More")).IsProblem(429, "chat_budget_exceeded");

        Assert.True(int.Parse(refused.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture) > 3600);
        Assert.Single(app.Model.Requests);
        (await bob.Say("Hello")).Is(200);
        (await alice.Get("/api/chat")).Is(200);
    }

    [Fact]
    public async Task Messages_of_a_minute_are_counted()
    {
        using var alice = await app.User();
        for (var i = 0; i < 20; i++)
        {
            app.Model.Streams(ScriptedModel.Delta(new JsonObject { ["content"] = "Yes." }), ScriptedModel.Finish("stop"), ScriptedModel.Usage(1, 1));
            (await alice.Say("Again")).Is(200);
        }

        var refused = (await alice.Say("Again")).IsProblem(429, "chat_rate_limited");

        Assert.InRange(int.Parse(refused.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 60);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        app.Model.Says("Yes.");
        (await alice.Say("Again")).Is(200);
    }

    [Fact]
    public async Task A_user_has_no_more_conversations_than_the_quota()
    {
        using var alice = await app.User();
        var own = (await alice.Get("/api/me")).Id;
        await app.Database.Execute($"insert into conversation select gen_random_uuid(), '{own}', 'full', 1, null, now(), now() from generate_series(1, 50)");

        var refused = (await alice.Say("One more")).IsProblem(403, "quota_exceeded");

        Assert.Equal(("conversations", 50), (refused.Text("quota"), (int)refused["limit"]!));
        Assert.Empty(app.Model.Requests);
    }

    private static Func<HttpContext, Task> Hang(SemaphoreSlim gone) => async http =>
    {
        try
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            gone.Release();
        }
    };

    public sealed class App : ChatApp
    {
        protected override void Configure(HostApplicationOptions options)
        {
            base.Configure(options);
            options.Settings["Chat:TokensPerDay"] = "2000";
            options.Settings["Quotas:Conversations"] = "50";
        }
    }
}
