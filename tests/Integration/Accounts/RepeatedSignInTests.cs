using System.Security.Cryptography;
using System.Text;
using TodoFlow.Functions.Http;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary><c>Idempotency-Key</c> where nobody is signed in: a lost answer comes again, to who holds the request and nobody else.</summary>
public sealed class RepeatedSignInTests(RepeatedSignInTests.App app) : IClassFixture<RepeatedSignInTests.App>
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task A_repeated_registration_gets_the_first_answer()
    {
        using var client = app.Anonymous();
        var body = new { email = "ada@example.com", password = Password };
        var first = (await client.Post("/api/auth/register", body, Key("one"))).Is(201);
        Assert.Null(first.Header("Idempotency-Replayed"));
        var again = (await client.Post("/api/auth/register", body, Key("one"))).Is(201);
        Assert.Equal("true", again.Header("Idempotency-Replayed"));
        Assert.Equal("no-store", again.Header("Cache-Control"));
        Assert.Equal(first.Body, again.Body);

        (await client.Post("/api/auth/register", body, Key("two"))).IsProblem(409, "email_taken");
        (await client.Post("/api/auth/register", body)).IsProblem(409, "email_taken");
        var guess = new { email = "ada@example.com", password = "a guess of a thief" };
        (await client.Post("/api/auth/register", guess, Key("one"))).IsProblem(422, "idempotency_key_reused");
        (await client.Post("/api/auth/register", new { email = "other@example.com", password = Password }, Key("one"))).Is(201);
    }

    [Fact]
    public async Task What_is_kept_of_a_sign_in_is_sealed()
    {
        using var client = app.Anonymous();
        var answer = (await client.Post("/api/auth/register", new { email = "sealed@example.com", password = Password }, Key("seal"))).Is(201);
        Assert.Empty(await app.Database.Column<string>("select key from idempotent_response where key = 'seal'")); // what seals it is nowhere
        var kept = await app.Database.Column<byte[]>($"select body from idempotent_response where key = '{Stored("seal")}'");
        var body = Assert.Single(kept);
        Assert.Equal(Encoding.UTF8.GetByteCount(answer.Body) + 28, body.Length); // with nonce and tag
        Assert.True(body.AsSpan().IndexOf("token"u8) < 0);
        client.Token = answer.Text("access_token");
        var me = (await client.Get("/api/me")).Id;
        Assert.Equal([me], await app.Database.Column<Guid>($"select user_id from idempotent_response where key = '{Stored("seal")}'"));
    }

    [Fact]
    public async Task A_repeated_exchange_gets_the_first_answer_and_is_no_reuse()
    {
        using var client = app.Anonymous();
        var token = await Register(client);
        var first = (await Refresh(client, token, "lost")).Is(200);
        var again = (await Refresh(client, token, "lost")).Is(200);
        Assert.Equal(first.Body, again.Body);
        Assert.Equal("true", again.Header("Idempotency-Replayed"));
        (await Refresh(client, first.Text("refresh_token"), "next")).Is(200);
        app.Time.Advance(TimeSpan.FromSeconds(10));
        (await Refresh(client, token, "of-a-thief")).IsProblem(401, "refresh_token_reused");
    }

    [Fact]
    public async Task Repeats_that_overtake_get_the_same_answer()
    {
        using var client = app.Anonymous();
        var token = await Register(client);
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Refresh(client, token, "at-once")));
        Assert.All(answers, answer => Assert.Equal(answers[0].Body, answer.Is(200).Body));
        Assert.Single(answers, answer => answer.Header("Idempotency-Replayed") is null);
    }

    [Fact]
    public async Task A_failed_login_is_not_kept()
    {
        using var client = app.Anonymous();
        (await client.Post("/api/auth/register", new { email = "grace@example.com", password = Password })).Is(201);
        (await client.Post("/api/auth/login", new { email = "grace@example.com", password = "mistyped" }, Key("login"))).IsProblem(401, "invalid_credentials");
        (await client.Post("/api/auth/login", new { email = "grace@example.com", password = Password }, Key("login"))).Is(200);
        (await client.Post("/api/auth/login", new { email = "grace@example.com", password = "mistyped" }, Key("login")))
            .IsProblem(422, "idempotency_key_reused");
    }

    [Fact]
    public async Task A_malformed_key_is_named()
    {
        using var client = app.Anonymous();
        var answer = await client.Post("/api/auth/refresh", new { refresh_token = "x" }, Key(new string('k', 256)));
        Assert.Equal(["Idempotency-Key"], answer.IsProblem(400, "invalid_request").BadFields);
    }

    [Fact]
    public async Task After_a_day_an_answer_is_forgotten_and_pruned()
    {
        using var client = app.Anonymous();
        var token = await Register(client);
        (await Refresh(client, token, "old")).Is(200);
        app.Time.Advance(TimeSpan.FromHours(24));
        (await Refresh(client, token, "old")).Is(200);
        app.Time.Advance(TimeSpan.FromMilliseconds(1));
        (await Refresh(client, token, "old")).IsProblem(401, "refresh_token_reused");

        var fresh = await Register(client);
        (await Refresh(client, fresh, "fresh")).Is(200);
        await using var scope = app.Host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IdempotentRequests>().Prune(app.Time.GetUtcNow(), CancellationToken.None);
        Assert.Equal([Stored("fresh")], await app.Database.Column<string>("select key from idempotent_response"));
    }

    private static string Stored(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key)));

    private static (string, string)[] Key(string key) => [("Idempotency-Key", key)];

    private static Task<ApiAnswer> Refresh(ApiClient client, string token, string key) =>
        client.Post("/api/auth/refresh", new { refresh_token = token }, Key(key));

    private static async Task<string> Register(ApiClient client) =>
        (await client.Post("/api/auth/register", new { email = $"{Guid.NewGuid():N}@example.com", password = Password })).Is(201).Text("refresh_token");

    /// <summary>The application under a clock of the test's.</summary>
    public sealed class App : TestApp
    {
        public FakeClock Time { get; } = new();

        protected override TimeProvider Clock => Time;
    }
}
