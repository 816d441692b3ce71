using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;
using TodoFlow.Host;
using TodoFlow.Host.Invocation;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Realtime;
using TodoFlow.Tests.Contract.OpenApi;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Realtime;

/// <summary>The standalone host's hub: who may connect, and what they are told.</summary>
public sealed class HubTests(RealtimeApp app) : IClassFixture<RealtimeApp>
{
    private const string Key = "a signing key of the tests, 32 bytes and more";

    [Fact]
    public async Task Every_device_of_a_user_is_told_and_nobody_elses()
    {
        using var ada = await app.SignUp();
        using var bob = await app.SignUp();
        await using var phone = await RealtimeApp.Connect(ada);
        await using var laptop = await RealtimeApp.Connect(ada);
        await using var other = await RealtimeApp.Connect(bob);

        var created = (await ada.Post("/api/tasks", new { title = "Buy milk" }, ("X-Correlation-Id", "from-the-test"))).Is(201);
        (await ada.Put($"/api/tasks/{created.Id}", new { priority = "high" })).Is(200);
        var reminder = Guid.CreateVersion7();
        await app.Push(await RealtimeApp.IdOf(ada), created.Id, "Buy milk", reminder);
        await bob.Post("/api/tasks", new { title = "Bob's own" });

        foreach (var device in new[] { phone, laptop })
        {
            var creation = await Documented(device, "task_update");
            Assert.Equal((created.Id, "created", 1L), (creation["task_id"]!.GetValue<Guid>(), creation["change"]!.GetValue<string>(), creation["version"]!.GetValue<long>()));
            Assert.Equal("Buy milk", creation["fields"]!["title"]!.GetValue<string>());
            Assert.Equal("from-the-test", creation["correlation_id"]!.GetValue<string>());
            Assert.Null(creation["user_id"]);

            var change = await Documented(device, "task_update");
            Assert.Equal(("updated", 2L), (change["change"]!.GetValue<string>(), change["version"]!.GetValue<long>()));
            Assert.Equal("""{"priority":"high"}""", change["fields"]!.ToJsonString());

            var reminded = await Documented(device, "reminder");
            Assert.Equal((reminder, created.Id, "Buy milk", false), (
                reminded["reminder_id"]!.GetValue<Guid>(), reminded["task_id"]!.GetValue<Guid>(), reminded["title"]!.GetValue<string>(), reminded["late"]!.GetValue<bool>()));
        }

        (await ada.Delete($"/api/tasks/{created.Id}")).Is(204);
        Assert.Equal("deleted", (string?)(await Documented(phone, "task_update"))["change"]);
        Assert.Equal("Bob's own", (await other.Next("task_update"))["fields"]!["title"]!.GetValue<string>());
    }

    [Fact]
    public async Task Negotiation_needs_an_access_token_and_its_answer_is_not_to_be_kept()
    {
        using var anonymous = app.Anonymous();
        (await anonymous.Post("/api/notifications/negotiate")).IsProblem(401, "unauthenticated");
        using var ada = await app.SignUp();
        var answer = (await ada.Post("/api/notifications/negotiate?negotiateVersion=1")).Is(200);
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.Equal(new Uri(app.Address, "/hubs/notifications"), new Uri(answer.Text("url")));
        Assert.Equal(["accessToken", "url"], answer.Json.AsObject().Select(field => field.Key).Order());
    }

    [Fact]
    public async Task Only_a_token_of_the_negotiation_opens_the_hub()
    {
        using var ada = await app.SignUp();
        var user = await RealtimeApp.IdOf(ada);
        var (url, token) = await RealtimeApp.Negotiate(ada);

        await Refused(null, "unauthenticated");
        await Refused("rubbish", "token_invalid");
        await Refused(ada.Token, "token_invalid"); // the API's
        await Refused(Tokens(DateTimeOffset.UtcNow.AddHours(-1)).Create(new AccessTokenSubject(user, null)), "token_expired");
        await Refused(Tokens(DateTimeOffset.UtcNow.AddHours(1)).Create(new AccessTokenSubject(user, null)), "token_invalid"); // not yet
        await Refused(Tokens(DateTimeOffset.UtcNow, "another key of the tests, 32 bytes and more").Create(new AccessTokenSubject(user, null)), "token_invalid");
        await Refused(token[..^4] + "AAAA", "token_invalid");

        using var allowed = await HubClient.Connect(url, token);
        using var byHeader = new ApiClient(app.Address, token);
        Assert.Equal(1, (await byHeader.Post("/hubs/notifications/negotiate")).Is(200)["negotiateVersion"]!.GetValue<int>());

        async Task Refused(string? sent, string code)
        {
            using var client = new ApiClient(app.Address, sent);
            (await client.Post("/hubs/notifications/negotiate?negotiateVersion=1")).IsProblem(401, code);
            (await client.Get("/hubs/notifications")).IsProblem(401, code);
            using var inQuery = app.Anonymous();
            (await inQuery.Get($"/hubs/notifications?access_token={sent}")).IsProblem(401, code);
            var error = await Assert.ThrowsAsync<WebSocketException>(() => HubClient.Connect(url, sent ?? ""));
            Assert.Contains("401", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_of_the_hub_does_not_open_the_api()
    {
        using var ada = await app.SignUp();
        var (_, token) = await RealtimeApp.Negotiate(ada);
        using var device = new ApiClient(app.Address, token);
        (await device.Get("/api/me")).IsProblem(401, "token_invalid");
        (await device.Post("/api/notifications/negotiate")).IsProblem(401, "token_invalid");
    }

    [Fact]
    public async Task Devices_can_call_nothing()
    {
        using var ada = await app.SignUp();
        await using var device = await RealtimeApp.Connect(ada);
        foreach (var method in new[] { "SendAsync", "OnConnectedAsync", "Dispose", "task_update" })
        {
            var error = await Assert.ThrowsAsync<HubException>(() => device.Invoke(method));
            Assert.Contains("Method does not exist", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_message_that_no_device_has_a_reason_to_send_ends_the_connection()
    {
        using var ada = await app.SignUp();
        var (url, token) = await RealtimeApp.Negotiate(ada);
        using var device = await HubClient.Connect(url, token);
        await device.Send($$"""{"type":1,"target":"x","arguments":["{{new string('a', 4096)}}"]}""");
        await Assert.ThrowsAnyAsync<WebSocketException>(device.Next);
    }

    [Fact]
    public async Task Other_transports_are_not_offered()
    {
        using var ada = await app.SignUp();
        var (_, token) = await RealtimeApp.Negotiate(ada);
        using var device = new ApiClient(app.Address, token);
        var answer = (await device.Post("/hubs/notifications/negotiate?negotiateVersion=1")).Is(200);
        Assert.Equal("WebSockets", Assert.Single(answer["availableTransports"]!.AsArray())!["transport"]!.GetValue<string>());
        Assert.Equal(400, (await device.Get("/hubs/notifications", ("Accept", "text/event-stream"))).Status);
        (await device.Get("/hubs/notifications/negotiate")).Is((int)HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task Hosts_each_tell_their_own_devices_and_leave_nothing_behind()
    {
        using var ada = await app.SignUp();
        await using var second = HostApplication.Build(options =>
        {
            options.Settings["urls"] = "http://127.0.0.1:0";
            options.Settings["ConnectionStrings:TodoFlow"] = app.Database.ConnectionString;
            options.Settings["Auth:SigningKeys:0:Id"] = "test";
            options.Settings["Auth:SigningKeys:0:Key"] = Key;
            options.ConfigureLogging = logging => logging.ClearProviders();
        });
        await second.StartAsync();
        await using var here = await RealtimeApp.Connect(ada);
        var (_, token) = await RealtimeApp.Negotiate(ada);
        using var there = await HubClient.Connect(new Uri(second.Address, "/hubs/notifications?id=negotiated-elsewhere"), token); // without a negotiation here

        var task = (await ada.Post("/api/tasks", new { title = "Everywhere" })).Is(201);

        Assert.Equal(task.Id, (await here.Next("task_update"))["task_id"]!.GetValue<Guid>());
        Assert.Equal(task.Id, RealtimeApp.Argument(await there.Next())["task_id"]!.GetValue<Guid>());
        await second.StopAsync();
        Assert.Equal(0L, await app.Database.Scalar<long>("select count(*) from consumer_cursor where topic = 'task-updates'"));
    }

    [Fact]
    public async Task A_message_for_everybody_is_refused() => await Assert.ThrowsAsync<NotSupportedException>(() =>
        app.Host.Services.GetRequiredService<ISignalRSender>().Send(new SignalROutputAttribute(), [new("news")], CancellationToken.None));

    private static HubTokens Tokens(DateTimeOffset now, string key = Key) => new(
        Options.Create(new RealtimeSettings()),
        Options.Create(new AuthSettings { SigningKeys = { new SigningKeySettings { Id = "test", Key = key } } }),
        new FakeClock(now));

    // The next message to a device, which is as docs/openapi.json has it.
    private static async Task<JsonNode> Documented(HubDevice device, string name)
    {
        var message = await device.Next(name);
        Assert.Empty(await ApiDocument.Violations(ApiDocument.Message("Negotiate", name), message.ToJsonString()));
        return message;
    }
}
