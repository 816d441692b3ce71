using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>Tokens of an issuer elsewhere, verified with the keys that it publishes.</summary>
public sealed class ExternalIssuerTests(ExternalIssuerTests.App app) : IClassFixture<ExternalIssuerTests.App>
{
    [Fact]
    public async Task Its_users_have_an_account_from_their_first_request_on()
    {
        using var ada = Client(app.Issuer.Token("ada|1", Now, claims: [("email", "Ada@Example.com"), ("zoneinfo", "Europe/Berlin")]));
        var task = (await ada.Post("/api/tasks", new { title = "First" })).Is(201);
        Assert.Equal("Europe/Berlin", task.Text("time_zone"));
        var me = (await ada.Get("/api/me")).Is(200);
        Assert.Equal(("Ada@Example.com", "Europe/Berlin"), (me.Text("email"), me.Text("time_zone")));

        using var later = Client(app.Issuer.Token("ada|1", Now, claims: [("email", "ada@example.com")]));
        Assert.Equal(me.Id, (await later.Get("/api/me")).Id);
        using var bob = Client(app.Issuer.Token("bob|1", Now));
        Assert.NotEqual(me.Id, (await bob.Get("/api/me")).Id);
        Assert.Null((await bob.Get("/api/me"))["email"]);
        (await bob.Get($"/api/tasks/{task.Id}")).IsProblem(404, "task_not_found");
    }

    [Fact]
    public async Task Its_users_are_never_those_of_this_service()
    {
        using var local = app.Anonymous();
        local.Token = (await local.Post("/api/auth/register", new { email = "carol@example.com", password = "correct horse battery" }))
            .Is(201).Text("access_token");
        var id = (await local.Get("/api/me")).Is(200).Id;
        using var impostor = Client(app.Issuer.Token(id.ToString(), Now, claims: [("email", "carol@example.com"), ("zoneinfo", "Mars/Olympus")]));
        var me = (await impostor.Get("/api/me")).Is(200);
        Assert.NotEqual(id, me.Id);
        Assert.Equal("UTC", me.Text("time_zone"));
        (await local.Post("/api/auth/login", new { email = "carol@example.com", password = "correct horse battery" })).Is(200);
        (await local.Post("/api/auth/login", new { email = "ada@example.com", password = "" })).IsProblem(400, "invalid_request");
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData("false", null)] // not as OpenID Connect has it, but clear enough
    [InlineData(true, "eve@example.com")]
    public async Task An_address_that_the_issuer_denies_is_not_taken(object verified, string? expected)
    {
        using var eve = Client(app.Issuer.Token($"eve|{verified}{verified.GetType()}", Now, claims: [("email", "eve@example.com"), ("email_verified", verified)]));
        var me = (await eve.Get("/api/me")).Is(200);
        Assert.Equal(expected, me["email"]?.GetValue<string>());
        Assert.Equal(verified is true, me["email_verified"]!.GetValue<bool>());
    }

    [Fact]
    public async Task An_address_is_verified_once_the_issuer_says_so_and_as_long_as_it_stays_the_same()
    {
        async Task<bool> IsVerified(string email, bool? says)
        {
            (string, object)[] claims = says is { } verified ? [("email", email), ("email_verified", verified)] : [("email", email)];
            using var uma = Client(app.Issuer.Token("uma", Now, claims: claims));
            var me = (await uma.Get("/api/me")).Is(200);
            Assert.Equal(email, me.Text("email"));
            return me["email_verified"]!.GetValue<bool>();
        }

        Assert.False(await IsVerified("uma@example.com", null));
        Assert.True(await IsVerified("uma@example.com", true));
        Assert.True(await IsVerified("uma@example.com", null));
        Assert.False(await IsVerified("victim@example.com", null));
    }

    [Fact]
    public async Task An_account_that_was_deleted_begins_anew()
    {
        using var dan = Client(app.Issuer.Token("dan", Now));
        (await dan.Post("/api/tasks", new { title = "Gone" })).Is(201);
        (await dan.Delete("/api/me")).Is(204);
        Assert.Empty((await dan.Get("/api/tasks")).Is(200).Json.AsArray());
        (await dan.Post("/api/tasks", new { title = "New" })).Is(201);
    }

    [Fact]
    public async Task What_the_issuer_did_not_sign_so_for_us_is_refused()
    {
        using var stranger = RSA.Create(2048);
        var abused = new SymmetricSecurityKey(app.Issuer.PublicKey("rsa")) { KeyId = "rsa" };
        string[] wrong =
        [
            app.Issuer.Token("ada", Now, audience: "https://another.example.com"),
            app.Issuer.Token("ada", Now, issuer: "https://another.example.com"),
            app.Issuer.Token("ada", Now, issuer: "todoflow"),
            app.Issuer.Token("", Now),
            app.Issuer.Token("ada", Now + TimeSpan.FromMinutes(1), claims: [("nbf", (Now + TimeSpan.FromMinutes(1)).ToUnixTimeSeconds())]),
            app.Issuer.Token("ada", Now, signWith: new RsaSecurityKey(stranger) { KeyId = "rsa" }),
            app.Issuer.Token("ada", Now, signWith: abused, algorithm: SecurityAlgorithms.HmacSha256),
            Unsigned(app.Issuer.Token("ada", Now)),
        ];
        foreach (var token in wrong)
        {
            using var client = Client(token);
            (await client.Get("/api/me")).IsProblem(401, "token_invalid");
        }

        using var expired = Client(app.Issuer.Token("ada", Now - TimeSpan.FromMinutes(6)));
        (await expired.Get("/api/me")).IsProblem(401, "token_expired");
    }

    [Fact]
    public async Task A_key_that_the_issuer_adds_is_found()
    {
        using var before = Client(app.Issuer.Token("frank", Now));
        (await before.Get("/api/me")).Is(200);
        app.Issuer.AddCurveKey("curve");
        using var client = Client(app.Issuer.Token("frank", Now, key: "curve", algorithm: SecurityAlgorithms.EcdsaSha256));
        var giveUp = Stopwatch.StartNew();
        while ((await client.Get("/api/me")).Status != 200) // the library fetches the keys in the background
        {
            Assert.True(giveUp.Elapsed < TimeSpan.FromMinutes(2), "The new key is not found.");
        }
    }

    private DateTimeOffset Now => app.Time.GetUtcNow();

    private static string Unsigned(string token) =>
        $"{Base64UrlEncoder.Encode("""{"alg":"none","kid":"rsa"}""")}.{token.Split('.')[1]}.";

    private ApiClient Client(string token) => new(app.Address, token);

    /// <summary>The application that trusts an issuer, and signs in users of its own besides.</summary>
    public sealed class App : TestApp
    {
        public TestIssuer Issuer { get; } = new();

        public FakeClock Time { get; } = new();

        protected override TimeProvider Clock => Time;

        public override async Task InitializeAsync()
        {
            await Issuer.InitializeAsync();
            await base.InitializeAsync();
        }

        public override async Task DisposeAsync()
        {
            await base.DisposeAsync();
            await Issuer.DisposeAsync();
        }

        protected override void Configure(HostApplicationOptions options)
        {
            options.Settings["Auth:Authority"] = Issuer.Name;
            options.Settings["Auth:Audience"] = TestIssuer.Audience;
        }
    }
}

/// <summary>A service where nobody signs in, and whose issuer cannot be reached.</summary>
public sealed class LostIssuerTests(LostIssuerTests.App app) : IClassFixture<LostIssuerTests.App>
{
    [Fact]
    public async Task Nobody_signs_in_here()
    {
        using var client = app.Anonymous();
        var body = new { email = "ada@example.com", password = "correct horse battery" };
        (await client.Post("/api/auth/register", body)).IsProblem(404, "sign_in_elsewhere");
        (await client.Post("/api/auth/login", body)).IsProblem(404, "sign_in_elsewhere");
        (await client.Post("/api/auth/refresh", new { refresh_token = "x" })).IsProblem(404, "sign_in_elsewhere");
    }

    [Fact]
    public async Task Without_the_issuers_keys_a_token_is_neither_valid_nor_invalid()
    {
        var issuer = new TestIssuer();
        await issuer.InitializeAsync();
        using var client = new ApiClient(app.Address, issuer.Token("ada", DateTimeOffset.UtcNow));
        await issuer.DisposeAsync();
        Assert.Equal("5", (await client.Get("/api/me")).IsProblem(503, "issuer_unavailable").Header("Retry-After"));
        (await client.Get("/health/live")).Is(200);
    }

    /// <summary>The application with an issuer at a port where nothing listens, and no key of its own.</summary>
    public sealed class App : TestApp
    {
        protected override void Configure(HostApplicationOptions options)
        {
            options.Settings.Remove("Auth:SigningKeys:0:Id");
            options.Settings.Remove("Auth:SigningKeys:0:Key");
            options.Settings["Auth:Authority"] = "http://127.0.0.1:1";
            options.Settings["Auth:Audience"] = TestIssuer.Audience;
            options.Settings["Realtime:SigningKey"] = "a key of the hub alone, 32 bytes and more";
        }
    }
}
