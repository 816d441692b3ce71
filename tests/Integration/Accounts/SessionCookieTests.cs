using TodoFlow.Functions.Http;
using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>The refresh token of a page of this origin is in a cookie that no script reads, and that no other origin's page can use.</summary>
public sealed class SessionCookieTests(SessionCookieTests.App app) : IClassFixture<SessionCookieTests.App>
{
    private const string Password = "correct horse battery";
    private const string Theirs = "https://evil.example";

    private static readonly (string, string) Asked = ("X-TodoFlow-Session", "cookie");

    [Fact]
    public async Task A_page_signs_in_refreshes_and_signs_out_without_seeing_its_refresh_token()
    {
        using var page = app.Anonymous();
        var email = NewEmail();
        var registered = (await page.Post("/api/auth/register", new { email, password = Password }, Asked)).Is(201);
        Assert.Null(registered["refresh_token"]);
        Assert.Equal("no-store", registered.Header("Cache-Control"));
        (await Me(registered)).Is(200);

        var signedIn = (await page.Post("/api/auth/login", new { email, password = Password }, Asked)).Is(200);
        Assert.Equal(["access_token", "expires_in", "token_type"], signedIn.Json.AsObject().Select(field => field.Key).Order());
        Assert.Equal($"{SessionCookies.Cookie}=<token>; max-age=2592000; path=/api/auth; samesite=strict; httponly", signedIn.Header("Set-Cookie")!.Replace(Token(signedIn), "<token>"));

        var refreshed = (await page.Post("/api/auth/refresh", null, Asked, Cookie(signedIn))).Is(200);
        Assert.Null(refreshed["refresh_token"]);
        Assert.NotEqual(Token(signedIn), Token(refreshed));
        (await Me(refreshed)).Is(200);

        var signedOut = (await page.Post("/api/auth/logout", null, Asked, Cookie(refreshed))).Is(204);
        Assert.Equal($"{SessionCookies.Cookie}=; max-age=0; path=/api/auth; samesite=strict; httponly", signedOut.Header("Set-Cookie"));
        (await Me(refreshed)).IsProblem(401, "token_revoked");
        (await page.Post("/api/auth/refresh", null, Asked, Cookie(refreshed))).IsProblem(401, "refresh_token_invalid");
        (await Me(registered)).Is(200); // another session
    }

    [Fact]
    public async Task Without_the_header_the_cookie_is_neither_read_nor_written()
    {
        using var client = app.Anonymous();
        var page = await SignIn(client);

        (await client.Post("/api/auth/refresh", null, Cookie(page))).Is(415);
        (await client.Post("/api/auth/refresh", new { }, Cookie(page))).IsProblem(400, "invalid_request");
        (await client.Post("/api/auth/logout", null, Cookie(page))).Is(415);
        var other = (await client.Post("/api/auth/register", new { email = NewEmail(), password = Password }, Cookie(page))).Is(201);
        Assert.Null(other.Header("Set-Cookie"));
        Assert.Null((await client.Post("/api/auth/refresh", new { refresh_token = other.Text("refresh_token") }, Cookie(page))).Is(200).Header("Set-Cookie"));
        (await client.Post("/api/auth/refresh", null, Asked, Cookie(page))).Is(200); // the session of the cookie goes on
    }

    [Fact]
    public async Task The_cookie_opens_nothing_else()
    {
        using var client = app.Anonymous();
        var page = await SignIn(client);

        (await client.Get("/api/me", Asked, Cookie(page))).IsProblem(401, "unauthenticated");
        (await client.Post("/api/tasks", new { title = "Buy milk" }, Asked, Cookie(page))).IsProblem(401, "unauthenticated");
        (await client.Post("/api/auth/refresh", null, Asked)).IsProblem(401, "refresh_token_invalid");
        (await client.Post("/api/auth/refresh", null, Asked, ("Cookie", $"{SessionCookies.Cookie}={new string('x', 5000)}"))).IsProblem(401, "refresh_token_invalid");
        Assert.NotNull((await client.Post("/api/auth/logout", null, Asked)).Is(204).Header("Set-Cookie"));
    }

    [Theory]
    [InlineData("Origin", Theirs)]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://127.0.0.1")]
    [InlineData("Origin", "http://localhost:1")]
    [InlineData("Origin", App.Allowed)]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Sec-Fetch-Site", "none")]
    public async Task A_page_of_another_origin_is_refused_and_changes_nothing(string header, string value)
    {
        using var client = app.Anonymous();
        var email = NewEmail();
        var page = (await client.Post("/api/auth/register", new { email, password = Password }, Asked)).Is(201);
        var told = (header, value);

        (await client.Post("/api/auth/refresh", null, Asked, told, Cookie(page))).IsProblem(403, "cross_origin");
        (await client.Post("/api/auth/logout", null, Asked, told, Cookie(page))).IsProblem(403, "cross_origin");
        var signedIn = (await client.Post("/api/auth/login", new { email, password = Password }, Asked, told)).IsProblem(403, "cross_origin");
        Assert.Null(signedIn.Header("Set-Cookie"));
        (await client.Post("/api/auth/register", new { email = NewEmail(), password = Password }, Asked, told)).IsProblem(403, "cross_origin");
        (await client.Post("/api/auth/link", new { code = "a code" }, Asked, told)).IsProblem(403, "cross_origin");
        client.Token = page.Text("access_token");
        (await client.Put("/api/me/password", new { current_password = Password, new_password = "staple battery horse" }, Asked, told)).IsProblem(403, "cross_origin");
        client.Token = null;

        (await client.Post("/api/auth/login", new { email, password = Password })).Is(200); // it is the same password
        (await client.Post("/api/auth/refresh", null, Asked, Cookie(page))).Is(200); // and the same session
    }

    [Fact]
    public async Task A_page_of_this_origin_is_served_whatever_a_proxy_calls_the_host()
    {
        using var client = app.Anonymous();
        var origin = app.Address.GetLeftPart(UriPartial.Authority);
        var page = (await client.Post("/api/auth/register", new { email = NewEmail(), password = Password }, Asked, ("Origin", origin), ("Sec-Fetch-Site", "same-origin"))).Is(201);

        var next = (await client.Post("/api/auth/refresh", null, Asked, Cookie(page), ("Origin", origin))).Is(200);
        (await client.Post("/api/auth/refresh", null, Asked, Cookie(next), ("Origin", "https://todo.example.com"), ("Sec-Fetch-Site", "same-origin"))).Is(200);
    }

    [Fact]
    public async Task No_preflight_lets_another_origin_send_the_cookie()
    {
        using var client = app.Anonymous();
        (string, string)[] preflight = [("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "x-todoflow-session")];

        var allowed = await client.Send(HttpMethod.Options, "/api/auth/refresh", null, [("Origin", App.Allowed), .. preflight]);
        Assert.Null(allowed.Header("Access-Control-Allow-Credentials"));
        var denied = await client.Send(HttpMethod.Options, "/api/auth/refresh", null, [("Origin", Theirs), .. preflight]);
        Assert.DoesNotContain(denied.Headers.Keys, name => name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Cookie")]
    [InlineData("body")]
    [InlineData("cookie, cookie")]
    public async Task Another_value_of_the_header_is_refused_by_name(string value)
    {
        using var client = app.Anonymous();

        Assert.Equal(["X-TodoFlow-Session"], (await client.Post("/api/auth/login", new { email = NewEmail(), password = Password }, ("X-TodoFlow-Session", value))).Is(400).BadFields);
    }

    [Theory]
    [InlineData("Origin", "https://todo.example.com")]
    [InlineData("X-Forwarded-Proto", "https")]
    public async Task Over_https_the_cookie_is_Secure(string header, string value)
    {
        using var client = app.Anonymous();
        var page = (await client.Post("/api/auth/register", new { email = NewEmail(), password = Password }, Asked, ("Sec-Fetch-Site", "same-origin"), (header, value))).Is(201);

        Assert.Contains("; secure; ", page.Header("Set-Cookie"), StringComparison.Ordinal);
        Assert.Contains("; secure; ", (await client.Post("/api/auth/logout", null, Asked, ("Sec-Fetch-Site", "same-origin"), (header, value))).Header("Set-Cookie"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tabs_that_refresh_at_once_get_the_same_cookie_and_a_copy_ends_the_session_later()
    {
        using var client = app.Anonymous();
        var page = await SignIn(client);

        var tabs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.Post("/api/auth/refresh", null, Asked, Cookie(page))));
        Assert.Single(tabs.Select(tab => Token(tab.Is(200))).Distinct());

        app.Time.Advance(TimeSpan.FromSeconds(11));
        (await client.Post("/api/auth/refresh", null, Asked, Cookie(page))).IsProblem(401, "refresh_token_reused");
        (await client.Post("/api/auth/refresh", null, Asked, Cookie(tabs[0]))).IsProblem(401, "refresh_token_invalid");
    }

    [Fact]
    public async Task A_lost_response_is_sent_again_with_its_cookie_and_is_stored_sealed()
    {
        using var client = app.Anonymous();
        var page = await SignIn(client);
        var key = ("Idempotency-Key", $"{Guid.NewGuid()}");

        var first = (await client.Post("/api/auth/refresh", null, Asked, Cookie(page), key)).Is(200);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        var again = (await client.Post("/api/auth/refresh", null, Asked, Cookie(page), key)).Is(200);

        Assert.Equal((first.Body, first.Header("Set-Cookie"), "true"), (again.Body, again.Header("Set-Cookie"), again.Header("Idempotency-Replayed")));
        await using var read = app.Database.Source.CreateCommand("select string_agg(headers::text || encode(body, 'escape'), '') from idempotent_response");
        var kept = (string)(await read.ExecuteScalarAsync())!;
        Assert.Contains("Set-Cookie", kept, StringComparison.Ordinal);
        Assert.DoesNotContain(Token(first), kept, StringComparison.Ordinal);
        Assert.DoesNotContain(first.Text("access_token"), kept, StringComparison.Ordinal);
        (await client.Post("/api/auth/refresh", null, Asked, Cookie(first))).Is(200);
    }

    [Fact]
    public async Task The_same_request_with_and_without_the_cookie_gets_responses_of_its_own()
    {
        using var client = app.Anonymous();
        var email = NewEmail();
        var key = ("Idempotency-Key", $"{Guid.NewGuid()}");
        (await client.Post("/api/auth/register", new { email, password = Password })).Is(201);

        Assert.Null((await client.Post("/api/auth/login", new { email, password = Password }, Asked, key)).Is(200)["refresh_token"]);
        Assert.NotNull((await client.Post("/api/auth/login", new { email, password = Password }, key)).Is(200)["refresh_token"]);
    }

    [Fact]
    public async Task Another_password_comes_with_another_cookie()
    {
        using var client = app.Anonymous();
        var page = await SignIn(client);
        client.Token = page.Text("access_token");

        var changed = (await client.Put("/api/me/password", new { current_password = Password, new_password = "staple battery horse" }, Asked)).Is(200);

        client.Token = null;
        Assert.Null(changed["refresh_token"]);
        (await client.Post("/api/auth/refresh", null, Asked, Cookie(page))).IsProblem(401, "refresh_token_invalid");
        (await client.Post("/api/auth/refresh", null, Asked, Cookie(changed))).Is(200);
    }

    private static Task<ApiAnswer> SignIn(ApiClient client) => client.Post("/api/auth/register", new { email = NewEmail(), password = Password }, Asked);

    private static string NewEmail() => $"{Guid.NewGuid():N}@example.com";

    private static string Token(ApiAnswer answer) => answer.Header("Set-Cookie")!.Split('=', ';')[1];

    private static (string, string) Cookie(ApiAnswer answer) => ("Cookie", $"other=1; {SessionCookies.Cookie}={Token(answer)}");

    private async Task<ApiAnswer> Me(ApiAnswer signedIn)
    {
        using var client = new ApiClient(app.Address, signedIn.Text("access_token"));
        return await client.Get("/api/me");
    }

    public sealed class App : TestApp
    {
        /// <summary>An origin whose pages may call the API, but not with the cookie.</summary>
        public const string Allowed = "https://tasks.example.com";

        public FakeClock Time { get; } = new();

        protected override TimeProvider Clock => Time;

        protected override void Configure(HostApplicationOptions options) => options.Settings["Cors:AllowedOrigins:0"] = Allowed;
    }
}
