using System.Text.Json.Nodes;
using TodoFlow.Host;
using TodoFlow.Infrastructure.Notifications.WebPush;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.WebPush;

/// <summary>Browsers that users subscribe with, over HTTP.</summary>
public sealed class PushSubscriptionTests(PushSubscriptionTests.App app) : IClassFixture<PushSubscriptionTests.App>
{
    private const string Route = "/api/notifications/push-subscriptions";
    private static readonly Uri Service = new("https://push.example.com");

    [Fact]
    public async Task A_browser_gets_the_key_and_subscribes()
    {
        using var ada = await app.SignUp();
        using var browser = new PushBrowser(Service, "/ada");

        Assert.Equal(WebPushSetting.Keys.PublicKey, (await ada.Get("/api/notifications/push-key")).Is(200).Text("public_key"));
        var added = (await ada.Post(Route, browser.ToJson())).Is(201);

        Assert.Equal(browser.Endpoint, added.Text("endpoint"));
        Assert.Null(added["expires_at"]);
        Assert.Equal(1L, await Count(browser.Endpoint));
    }

    [Fact]
    public async Task Subscribing_again_refreshes_the_keys_of_the_same_subscription()
    {
        using var ada = await app.SignUp();
        using var before = new PushBrowser(Service, "/again");
        using var after = new PushBrowser(Service, "/again");
        var added = (await ada.Post(Route, before.ToJson())).Is(201);
        app.Time.Advance(TimeSpan.FromMinutes(5));

        var json = after.ToJson();
        json["expirationTime"] = app.Time.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds();
        var refreshed = (await ada.Post(Route, json)).Is(200);

        Assert.Equal((added.Id, added.Text("created_at")), (refreshed.Id, refreshed.Text("created_at")));
        Assert.Equal(app.Time.GetUtcNow().AddDays(1), refreshed["expires_at"]!.GetValue<DateTimeOffset>());
        Assert.Equal(after.PublicKey, await app.Database.Scalar<byte[]>($"select p256dh from push_subscription where id = '{added.Id}'"));
        Assert.Equal(after.Auth, await app.Database.Scalar<byte[]>($"select auth from push_subscription where id = '{added.Id}'"));
    }

    [Fact]
    public async Task A_browser_belongs_to_who_signed_in_there_last()
    {
        using var ada = await app.SignUp();
        using var bob = await app.SignUp();
        using var browser = new PushBrowser(Service, "/shared");
        var first = (await ada.Post(Route, browser.ToJson())).Is(201);
        var second = (await bob.Post(Route, browser.ToJson())).Is(201);

        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(1L, await Count(browser.Endpoint));
        Assert.Equal((await bob.Get("/api/me")).Id, await app.Database.Scalar<Guid>($"select user_id from push_subscription where endpoint = '{browser.Endpoint}'"));

        (await ada.Delete(Route, new { endpoint = browser.Endpoint })).Is(204); // not hers any more
        Assert.Equal(1L, await Count(browser.Endpoint));
        (await bob.Delete($"{Route}?endpoint={Uri.EscapeDataString(browser.Endpoint)}")).Is(204);
        Assert.Equal(0L, await Count(browser.Endpoint));
        (await bob.Delete(Route, new { endpoint = browser.Endpoint })).Is(204);
    }

    [Fact]
    public async Task Of_more_than_twenty_browsers_the_one_goes_that_was_not_seen_for_longest()
    {
        using var ada = await app.SignUp();
        using var bob = await app.SignUp();
        using var others = new PushBrowser(Service, "/twenty/bob");
        (await bob.Post(Route, others.ToJson())).Is(201);
        var browsers = Enumerable.Range(0, 22).Select(i => new PushBrowser(Service, $"/twenty/{i}")).ToList();
        foreach (var browser in browsers.Take(20).Append(browsers[0]))
        {
            await ada.Post(Route, browser.ToJson());
            app.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var refused = (await ada.Post(Route, browsers[20].ToJson())).IsProblem(403, "quota_exceeded"); // all are in use
        Assert.Equal(("push_subscriptions", 20), (refused.Text("quota"), refused["limit"]!.GetValue<int>()));
        Assert.Equal(0L, await Count(browsers[20].Endpoint));
        (await ada.Post(Route, browsers[0].ToJson())).Is(200);
        app.Time.Advance(TimeSpan.FromHours(1));
        foreach (var browser in browsers.Skip(20))
        {
            (await ada.Post(Route, browser.ToJson())).Is(201);
            app.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var left = await app.Database.Column<string>(
            $"select endpoint from push_subscription where user_id = '{(await ada.Get("/api/me")).Id}' order by refreshed_at");
        Assert.Equal([.. browsers.Take(20).Skip(3).Append(browsers[0]).Concat(browsers.Skip(20)).Select(browser => browser.Endpoint)], left);
        Assert.Equal(1L, await Count(others.Endpoint));
        browsers.ForEach(browser => browser.Dispose());
    }

    [Fact]
    public async Task Browsers_that_subscribe_at_once_are_not_more_than_twenty_either()
    {
        using var ada = await app.SignUp();
        var browsers = Enumerable.Range(0, 30).Select(i => new PushBrowser(Service, $"/atonce/{i}")).ToList();

        var answers = await Task.WhenAll(browsers.Select(browser => ada.Post(Route, browser.ToJson())));

        Assert.Equal((20, 10), (answers.Count(answer => answer.Status == 201), answers.Count(answer => answer.Status == 403)));
        Assert.Equal(20L, await app.Database.Scalar<long>($"select count(*) from push_subscription where user_id = '{(await ada.Get("/api/me")).Id}'"));
        browsers.ForEach(browser => browser.Dispose());
    }

    [Fact]
    public async Task A_request_that_is_repeated_with_its_key_gets_the_same_answer()
    {
        using var ada = await app.SignUp();
        using var browser = new PushBrowser(Service, "/repeated");
        var first = (await ada.Post(Route, browser.ToJson(), ("Idempotency-Key", "push"))).Is(201);
        var again = (await ada.Post(Route, browser.ToJson(), ("Idempotency-Key", "push"))).Is(201);

        Assert.Equal(("true", first.Body), (again.Header("Idempotency-Replayed"), again.Body));
    }

    [Theory]
    [InlineData("endpoint", "\"http://push.example.com/x\"")]
    [InlineData("endpoint", "\"https://127.0.0.1/x\"")]
    [InlineData("endpoint", "\"https://localhost/x\"")]
    [InlineData("endpoint", "\"https://push.example.com:8443/x\"")]
    [InlineData("endpoint", "\"not an address\"")]
    [InlineData("endpoint", "null")]
    [InlineData("expirationTime", "0")]
    [InlineData("expirationTime", "\"tomorrow\"")]
    [InlineData("keys", "\"none\"")]
    [InlineData("keys.p256dh", "\"BA\"")]
    [InlineData("keys.p256dh", "\"not base64url+/\"")]
    [InlineData("keys.p256dh", "\"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw8\"")] // off the curve
    [InlineData("keys.p256dh", "7")]
    [InlineData("keys.auth", "\"BTBZMqHH6r4Tts7J_aSI\"")]
    [InlineData("keys.auth", "\"BTBZMqHH6r4Tts7J_aSIggA\"")]
    public async Task A_bad_field_is_refused_by_its_name(string field, string value)
    {
        using var ada = await app.SignUp();
        using var browser = new PushBrowser(Service, "/bad");
        var json = browser.ToJson();
        var (parent, name) = field.StartsWith("keys.", StringComparison.Ordinal) ? (json["keys"]!.AsObject(), field[5..]) : (json, field);
        parent[name] = JsonNode.Parse(value);

        Assert.Equal([field], (await ada.Post(Route, json)).IsProblem(400, "invalid_request").BadFields);
        Assert.Equal(0L, await Count(browser.Endpoint));
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_named_at_once()
    {
        using var ada = await app.SignUp();
        var answer = await ada.Post(Route, new { endpoint = "https://10.0.0.1/x", expirationTime = 1, keys = new { p256dh = "BA", auth = "BA" } });

        Assert.Equal(["endpoint", "expirationTime", "keys.p256dh", "keys.auth"], answer.IsProblem(400, "invalid_request").BadFields);
    }

    [Fact]
    public async Task Subscriptions_that_have_expired_are_pruned_and_others_are_not()
    {
        using var ada = await app.SignUp();
        using var brief = new PushBrowser(Service, "/brief");
        using var lasting = new PushBrowser(Service, "/lasting");
        var json = brief.ToJson();
        json["expirationTime"] = app.Time.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds();
        (await ada.Post(Route, json)).Is(201);
        (await ada.Post(Route, lasting.ToJson())).Is(201);
        using var scope = app.Host.Services.CreateScope();
        var subscriptions = scope.ServiceProvider.GetRequiredService<PushSubscriptions>();

        await subscriptions.Prune(app.Time.GetUtcNow(), CancellationToken.None);
        Assert.Equal(1L, await Count(brief.Endpoint));
        app.Time.Advance(TimeSpan.FromMinutes(1));
        await subscriptions.Prune(app.Time.GetUtcNow(), CancellationToken.None);

        Assert.Equal((0L, 1L), (await Count(brief.Endpoint), await Count(lasting.Endpoint)));
    }

    [Fact]
    public async Task A_subscription_goes_with_its_session_when_that_is_ended_and_no_other_does()
    {
        using var ada = await app.SignUp();
        using var bob = await app.SignUp();
        using var phone = await LogInAgain(ada);
        using var here = new PushBrowser(Service, "/here");
        using var there = new PushBrowser(Service, "/there");
        using var bobs = new PushBrowser(Service, "/bobs");
        (await ada.Post(Route, here.ToJson())).Is(201);
        (await phone.Post(Route, there.ToJson())).Is(201);
        (await bob.Post(Route, bobs.ToJson())).Is(201);
        var session = await SessionOf(phone);

        (await bob.Delete($"/api/sessions/{session}")).IsProblem(404, "session_not_found");
        Assert.Equal(1L, await Count(there.Endpoint));
        (await ada.Delete($"/api/sessions/{session}")).Is(204);
        Assert.Equal((1L, 0L), (await Count(here.Endpoint), await Count(there.Endpoint)));

        (await ada.Delete("/api/sessions")).Is(204);
        Assert.Equal((0L, 1L), (await Count(here.Endpoint), await Count(bobs.Endpoint)));
    }

    [Fact]
    public async Task A_subscription_stays_when_its_session_expires_since_reminders_are_to_come_where_nobody_opens_the_page()
    {
        using var ada = await app.SignUp();
        using var phone = await LogInAgain(ada);
        using var browser = new PushBrowser(Service, "/expires");
        (await phone.Post(Route, browser.ToJson())).Is(201);

        await app.Database.Execute($"delete from session where id = '{await SessionOf(phone)}'"); // as PruneHistory does

        Assert.Equal(1L, await Count(browser.Endpoint));
    }

    [Fact]
    public async Task A_changed_password_ends_the_subscriptions_of_every_session()
    {
        using var ada = await app.SignUp();
        using var phone = await LogInAgain(ada);
        using var browser = new PushBrowser(Service, "/changed");
        (await phone.Post(Route, browser.ToJson())).Is(201);

        (await ada.Put("/api/me/password", new { current_password = "correct horse battery", new_password = "another horse battery" })).Is(200);

        Assert.Equal(0L, await Count(browser.Endpoint));
    }

    [Fact]
    public async Task Subscriptions_go_with_their_user()
    {
        using var ada = await app.SignUp();
        using var browser = new PushBrowser(Service, "/gone");
        (await ada.Post(Route, browser.ToJson())).Is(201);
        (await ada.Delete("/api/me")).Is(204);

        Assert.Equal(0L, await Count(browser.Endpoint));
        (await ada.Post(Route, browser.ToJson())).IsProblem(401, "account_gone");
    }

    [Fact]
    public async Task Nobody_subscribes_who_is_not_signed_in()
    {
        using var nobody = app.Anonymous();
        using var browser = new PushBrowser(Service, "/nobody");

        (await nobody.Get("/api/notifications/push-key")).Is(401);
        (await nobody.Post(Route, browser.ToJson())).Is(401);
        (await nobody.Delete(Route, new { endpoint = browser.Endpoint })).Is(401);
    }

    private async Task<ApiClient> LogInAgain(ApiClient user)
    {
        using var anonymous = app.Anonymous();
        var answer = await anonymous.Post("/api/auth/login", new { email = (await user.Get("/api/me")).Text("email"), password = "correct horse battery" });
        return new ApiClient(app.Address, answer.Is(200).Text("access_token"));
    }

    private static async Task<Guid> SessionOf(ApiClient client) =>
        (await client.Get("/api/sessions")).Json.AsArray().Single(session => session!["current"]!.GetValue<bool>())!["id"]!.GetValue<Guid>();

    private Task<long> Count(string endpoint) => app.Database.Scalar<long>($"select count(*) from push_subscription where endpoint = '{endpoint}'");

    /// <summary>The application with Web Push.</summary>
    public sealed class App : TestApp
    {
        public FakeClock Time { get; } = new();

        protected override TimeProvider Clock => Time;

        protected override void Configure(HostApplicationOptions options)
        {
            WebPushSetting.Configure(options);
            options.Settings["Auth:AccessTokenLifetime"] = "1.00:00:00";
        }
    }
}

/// <summary>A server that sends no Web Push says so.</summary>
public sealed class UnconfiguredWebPushTests(TestApp app) : IClassFixture<TestApp>
{
    [Fact]
    public async Task There_is_no_key_and_nothing_to_subscribe_to()
    {
        using var ada = await app.SignUp();
        using var browser = new PushBrowser(new Uri("https://push.example.com"));

        (await ada.Get("/api/notifications/push-key")).IsProblem(404, "web_push_not_configured");
        (await ada.Post("/api/notifications/push-subscriptions", browser.ToJson())).IsProblem(409, "web_push_not_configured");
        (await ada.Delete("/api/notifications/push-subscriptions", new { endpoint = browser.Endpoint })).Is(204);
    }
}
