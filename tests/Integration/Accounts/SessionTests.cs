using System.Net.WebSockets;
using TodoFlow.Host;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Tests.Integration.Realtime;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>Sessions are listed and ended; with one end its access tokens and its connections, in every process.</summary>
public sealed class SessionTests(SessionTests.App app) : IClassFixture<SessionTests.App>
{
    private const string Password = "correct horse battery";
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_user_sees_their_sessions_and_nobody_elses()
    {
        var (email, phone) = await Register("phone/1.0", "203.0.113.5");
        using var other = await app.SignUp();
        using var laptop = await LogIn(email, "laptop/2.0", "203.0.113.6");

        var sessions = (await laptop.Get("/api/sessions")).Is(200).Json.AsArray();

        Assert.Equal(["laptop/2.0", "phone/1.0"], sessions.Select(session => session!["user_agent"]!.GetValue<string>()));
        Assert.Equal(["203.0.113.6", "203.0.113.5"], sessions.Select(session => session!["address"]!.GetValue<string>()));
        Assert.Equal([true, false], sessions.Select(session => session!["current"]!.GetValue<bool>()));
        Assert.Single((await other.Get("/api/sessions")).Is(200).Json.AsArray());
        using var nobody = app.Anonymous();
        (await nobody.Get("/api/sessions")).IsProblem(401, "unauthenticated");
        phone.Dispose();
    }

    [Fact]
    public async Task Ending_one_ends_its_tokens_at_once_and_no_others()
    {
        var (email, phone) = await Register("phone/1.0");
        using var laptop = await LogIn(email, "laptop/2.0");
        using var stranger = await app.SignUp();
        (await phone.Get("/api/me")).Is(200);
        var id = (await laptop.Get("/api/sessions")).Json.AsArray().Single(session => !session!["current"]!.GetValue<bool>())!["id"]!.GetValue<Guid>();

        (await stranger.Delete($"/api/sessions/{id}")).IsProblem(404, "session_not_found");
        (await phone.Get("/api/me")).Is(200);
        (await laptop.Delete($"/api/sessions/{id}")).Is(204);

        (await phone.Get("/api/me")).IsProblem(401, "token_revoked");
        (await laptop.Get("/api/me")).Is(200);
        (await laptop.Delete($"/api/sessions/{id}")).IsProblem(404, "session_not_found");
        phone.Dispose();
    }

    [Fact]
    public async Task Ending_all_ends_every_token_of_the_user_here_as_well()
    {
        var (email, phone) = await Register("phone/1.0");
        using var laptop = await LogIn(email, "laptop/2.0");
        using var stranger = await app.SignUp();
        var id = (await phone.Get("/api/me")).Id;
        using var script = new ApiClient(app.Address, app.Host.Services.GetRequiredService<LocalIssuer>().CreateToken(id, "UTC")); // of the command 'token'
        (await script.Get("/api/me")).Is(200);

        (await laptop.Delete("/api/sessions")).Is(204);

        foreach (var client in new[] { phone, laptop, script })
        {
            (await client.Get("/api/me")).IsProblem(401, "token_revoked");
        }

        (await stranger.Get("/api/me")).Is(200);
        using var again = await LogIn(email, "laptop/2.0");
        Assert.Single((await again.Get("/api/sessions")).Is(200).Json.AsArray());
        phone.Dispose();
    }

    [Fact]
    public async Task Another_process_serves_its_tokens_for_seconds_at_most_and_asks_the_database_no_more_often()
    {
        var (_, phone) = await Register("phone/1.0");
        await using var second = app.BuildAnother();
        await second.StartAsync();
        using var there = new ApiClient(second.Address, phone.Token);
        (await there.Get("/api/me")).Is(200);

        (await phone.Delete("/api/sessions")).Is(204);
        (await phone.Get("/api/me")).IsProblem(401, "token_revoked");
        (await there.Get("/api/me")).Is(200); // it has not heard of it yet
        app.Time.Advance(CheckInterval);
        (await there.Get("/api/me")).IsProblem(401, "token_revoked");
        phone.Dispose();
    }

    [Fact]
    public async Task A_deleted_account_is_gone_in_another_process_within_seconds()
    {
        var (_, phone) = await Register("phone/1.0");
        await using var second = app.BuildAnother();
        await second.StartAsync();
        using var there = new ApiClient(second.Address, phone.Token);
        (await there.Get("/api/tasks")).Is(200);

        (await phone.Delete("/api/me")).Is(204);
        (await phone.Get("/api/tasks")).IsProblem(401, "account_gone");
        app.Time.Advance(CheckInterval);
        (await there.Get("/api/tasks")).IsProblem(401, "account_gone");
        phone.Dispose();
    }

    [Fact]
    public async Task Its_connections_are_closed_in_this_process_and_in_others_and_those_of_other_sessions_stay()
    {
        var (email, phone) = await Register("phone/1.0");
        using var laptop = await LogIn(email, "laptop/2.0");
        await using var second = app.BuildAnother();
        await second.StartAsync();
        var (here, token) = await RealtimeApp.Negotiate(phone);
        using var connected = await HubClient.Connect(here, token);
        using var elsewhere = await HubClient.Connect(new Uri(second.Address, "/hubs/notifications"), token);
        var (_, ofLaptop) = await RealtimeApp.Negotiate(laptop);
        using var stays = await HubClient.Connect(here, ofLaptop);
        using var staysElsewhere = await HubClient.Connect(new Uri(second.Address, "/hubs/notifications"), ofLaptop);
        var id = (await laptop.Get("/api/sessions")).Json.AsArray().Single(session => !session!["current"]!.GetValue<bool>())!["id"]!.GetValue<Guid>();

        (await laptop.Delete($"/api/sessions/{id}")).Is(204);

        await Assert.ThrowsAnyAsync<WebSocketException>(connected.Next);
        app.Time.Advance(CheckInterval);
        await Assert.ThrowsAnyAsync<WebSocketException>(elsewhere.Next);
        var task = (await laptop.Post("/api/tasks", new { title = "Still told" })).Is(201);
        foreach (var device in new[] { stays, staysElsewhere })
        {
            Assert.Equal(task.Id, RealtimeApp.Argument(await device.Next())["task_id"]!.GetValue<Guid>());
        }

        // The token of the connection, which outlives the session, opens none.
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => HubClient.Connect(here, token));
        Assert.Contains("401", refused.Message, StringComparison.Ordinal);
        phone.Dispose();
    }

    [Fact]
    public async Task The_token_of_a_connection_that_a_personal_token_got_opens_none_in_any_process_once_that_is_revoked()
    {
        var (_, phone) = await Register("phone/1.0");
        await using var second = app.BuildAnother();
        await second.StartAsync();
        var made = (await phone.Post("/api/tokens", new { name = "script", scopes = new[] { "tasks:read", "notifications" } })).Is(201);
        using var script = new ApiClient(app.Address, made.Text("token"));
        var (_, token) = await RealtimeApp.Negotiate(script);
        var elsewhere = new Uri(second.Address, "/hubs/notifications");
        (await HubClient.Connect(elsewhere, token)).Dispose();

        (await phone.Delete($"/api/tokens/{made.Id}")).Is(204);

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => HubClient.Connect(elsewhere, token));
        Assert.Contains("401", refused.Message, StringComparison.Ordinal);
        phone.Dispose();
    }

    [Fact]
    public async Task The_connections_of_a_deleted_account_are_closed()
    {
        var (_, phone) = await Register("phone/1.0");
        var (here, token) = await RealtimeApp.Negotiate(phone);
        using var connected = await HubClient.Connect(here, token);

        (await phone.Delete("/api/me")).Is(204);

        await Assert.ThrowsAnyAsync<WebSocketException>(connected.Next);
        phone.Dispose();
    }

    private static (string, string)[] By(string userAgent, string from) => [("User-Agent", userAgent), MailedApp.From(from)];

    private async Task<(string Email, ApiClient Client)> Register(string userAgent, string from = "203.0.113.9")
    {
        using var anonymous = app.Anonymous();
        var email = $"{Guid.NewGuid():N}@example.com";
        var answer = (await anonymous.Post("/api/auth/register", new { email, password = Password }, By(userAgent, from))).Is(201);
        app.Time.Advance(TimeSpan.FromMilliseconds(1)); // the order of sessions
        return (email, new ApiClient(app.Address, answer.Text("access_token")));
    }

    private async Task<ApiClient> LogIn(string email, string userAgent, string from = "203.0.113.9")
    {
        using var anonymous = app.Anonymous();
        return new ApiClient(app.Address, (await anonymous.Post("/api/auth/login", new { email, password = Password }, By(userAgent, from))).Is(200).Text("access_token"));
    }

    /// <summary>The application behind one proxy, which these tests play, under a clock of the test's.</summary>
    public sealed class App : TestApp
    {
        public FakeClock Time { get; } = new(DateTimeOffset.UtcNow); // SignalR's timeouts are by the system's

        protected override TimeProvider Clock => Time;

        /// <summary>Another process on the same database and clock.</summary>
        public HostApplication BuildAnother() => HostApplication.Build(Prepare);

        protected override void Configure(HostApplicationOptions options) => options.Settings["RateLimits:TrustedProxies"] = "1";
    }
}
