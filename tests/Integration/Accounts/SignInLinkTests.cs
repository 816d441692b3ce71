using TodoFlow.Functions.Http;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>A link that an operator made signs its user in, once and for a quarter of an hour.</summary>
public sealed class SignInLinkTests(SignInLinkTests.App app) : IClassFixture<SignInLinkTests.App>
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task A_link_signs_its_user_in_once()
    {
        using var client = app.Anonymous();
        var email = await Register(client);
        var code = await SignInCodes.Create(app.Host, email);

        var signedIn = (await client.Post("/api/auth/link", new { code })).Is(200);

        Assert.Equal("no-store", signedIn.Header("Cache-Control"));
        (await client.Post("/api/auth/refresh", new { refresh_token = signedIn.Text("refresh_token") })).Is(200);
        (await client.Post("/api/auth/link", new { code })).IsProblem(401, "sign_in_link_invalid");
        client.Token = signedIn.Text("access_token");
        Assert.Equal(email, (await client.Get("/api/me")).Is(200).Text("email"));
    }

    [Fact]
    public async Task A_page_is_signed_in_with_its_cookie()
    {
        using var client = app.Anonymous();
        var code = await SignInCodes.Create(app.Host, await Register(client));

        var signedIn = (await client.Post("/api/auth/link", new { code }, (SessionCookies.Header, "cookie"))).Is(200);

        Assert.Null(signedIn["refresh_token"]);
        Assert.StartsWith($"{SessionCookies.Cookie}=", signedIn.Header("Set-Cookie"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_who_follow_one_link_at_once_one_is_signed_in()
    {
        using var client = app.Anonymous();
        var code = await SignInCodes.Create(app.Host, await Register(client));

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => client.Post("/api/auth/link", new { code })));

        Assert.Equal([200, 401, 401, 401, 401, 401], answers.Select(answer => answer.Status).Order());
    }

    [Fact]
    public async Task A_link_serves_for_a_quarter_of_an_hour()
    {
        using var client = app.Anonymous();
        var email = await Register(client);
        var (late, early) = (await SignInCodes.Create(app.Host, email), await SignInCodes.Create(app.Host, email));

        app.Time.Advance(TimeSpan.FromMinutes(14));
        (await client.Post("/api/auth/link", new { code = early })).Is(200);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        (await client.Post("/api/auth/link", new { code = late })).IsProblem(401, "sign_in_link_invalid");
    }

    [Fact]
    public async Task What_signs_a_user_out_everywhere_ends_their_links_and_nobody_elses()
    {
        using var client = app.Anonymous();
        var email = await Register(client);
        var others = await SignInCodes.Create(app.Host, await Register(client));
        var code = await SignInCodes.Create(app.Host, email);
        client.Token = (await client.Post("/api/auth/login", new { email, password = Password })).Is(200).Text("access_token");
        (await client.Delete("/api/sessions")).Is(204);
        client.Token = null;

        (await client.Post("/api/auth/link", new { code })).IsProblem(401, "sign_in_link_invalid");
        (await client.Post("/api/auth/link", new { code = others })).Is(200);
    }

    [Fact]
    public async Task A_code_is_stored_as_its_digest_and_serves_for_nothing_else()
    {
        using var client = app.Anonymous();
        var code = await SignInCodes.Create(app.Host, await Register(client));
        await using var read = app.Database.Source.CreateCommand("select count(*) from mail_token where position(convert_to($1, 'UTF8') in digest) > 0 or purpose || email like '%' || $1 || '%'");
        read.Parameters.Add(new() { Value = code });

        Assert.Equal(0L, await read.ExecuteScalarAsync());
        (await client.Post("/api/auth/verify", new { token = code })).IsProblem(401, "mail_token_invalid");
        (await client.Post("/api/auth/password/reset", new { token = code, password = "staple battery horse" })).IsProblem(401, "mail_token_invalid");
        (await client.Post("/api/auth/refresh", new { refresh_token = code })).IsProblem(401, "refresh_token_invalid");
        (await client.Post("/api/auth/link", new { code = "nonsense" })).IsProblem(401, "sign_in_link_invalid");
        (await client.Post("/api/auth/link", new { })).IsProblem(400, "invalid_request");
        (await client.Post("/api/auth/link", new { code })).Is(200);
    }

    [Fact]
    public async Task A_lost_response_is_sent_again_with_its_key()
    {
        using var client = app.Anonymous();
        var code = await SignInCodes.Create(app.Host, await Register(client));
        var key = ("Idempotency-Key", $"{Guid.NewGuid()}");

        var first = (await client.Post("/api/auth/link", new { code }, key)).Is(200);

        Assert.Equal(first.Body, (await client.Post("/api/auth/link", new { code }, key)).Is(200).Body);
        (await client.Post("/api/auth/link", new { code })).IsProblem(401, "sign_in_link_invalid");
    }

    private static async Task<string> Register(ApiClient client)
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        (await client.Post("/api/auth/register", new { email, password = Password })).Is(201);
        return email;
    }

    public sealed class App : TestApp
    {
        public FakeClock Time { get; } = new();

        protected override TimeProvider Clock => Time;
    }
}
