using System.Security.Cryptography;
using System.Text;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>Sessions: refresh tokens serve once, and a copy ends the session.</summary>
public sealed class RefreshTests(RefreshTests.App app) : IClassFixture<RefreshTests.App>
{
    private const string Password = "correct horse battery";

    private int _users;

    [Fact]
    public async Task A_refresh_token_is_exchanged_for_the_next_pair()
    {
        using var client = app.Anonymous();
        var first = await Register(client);
        var second = (await Refresh(client, first)).Is(200);
        Assert.NotEqual(first, second.Text("refresh_token"));
        Assert.Equal("no-store", second.Header("Cache-Control"));
        client.Token = second.Text("access_token");
        (await client.Get("/api/me")).Is(200);
        (await Refresh(client, second.Text("refresh_token"))).Is(200);
    }

    [Fact]
    public async Task Reusing_a_refresh_token_revokes_its_family_and_no_other()
    {
        using var client = app.Anonymous();
        var email = NewEmail();
        var stolen = (await client.Post("/api/auth/register", new { email, password = Password })).Is(201).Text("refresh_token");
        var otherDevice = (await client.Post("/api/auth/login", new { email, password = Password })).Is(200).Text("refresh_token");
        var thief = (await Refresh(client, stolen)).Is(200).Text("refresh_token");
        app.Time.Advance(App.Grace);

        (await Refresh(client, stolen)).IsProblem(401, "refresh_token_reused");
        (await Refresh(client, thief)).IsProblem(401, "refresh_token_invalid");
        (await Refresh(client, stolen)).IsProblem(401, "refresh_token_invalid");
        (await Refresh(client, otherDevice)).Is(200);
    }

    [Fact]
    public async Task A_family_is_revoked_although_the_request_with_a_key_rolls_back()
    {
        using var client = app.Anonymous();
        var first = await Register(client);
        var second = (await Refresh(client, first)).Is(200).Text("refresh_token");
        app.Time.Advance(App.Grace);
        (await Refresh(client, first, "another-key")).IsProblem(401, "refresh_token_reused");
        (await Refresh(client, second)).IsProblem(401, "refresh_token_invalid");
    }

    [Fact]
    public async Task Of_many_exchanges_of_one_token_at_once_all_get_the_same_successor()
    {
        using var client = app.Anonymous();
        for (var round = 0; round < 5; round++)
        {
            var token = await Register(client);
            var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Refresh(client, token)));
            var next = Assert.Single(answers.Select(answer => answer.Is(200).Text("refresh_token")).Distinct());
            (await Refresh(client, next)).Is(200);
        }
    }

    [Fact]
    public async Task Tabs_that_exchange_one_token_within_seconds_keep_the_session()
    {
        using var client = app.Anonymous();
        var token = await Register(client);
        var answers = new List<ApiAnswer>();
        for (var tab = 0; tab < 8; tab++)
        {
            answers.Add((await Refresh(client, token)).Is(200));
            app.Time.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.Single(answers.Select(answer => answer.Text("refresh_token")).Distinct());
        foreach (var answer in answers)
        {
            client.Token = answer.Text("access_token");
            (await client.Get("/api/me")).Is(200);
        }

        app.Time.Advance(App.Grace);
        (await Refresh(client, answers[0].Text("refresh_token"))).Is(200);
    }

    [Fact]
    public async Task After_the_grace_the_token_before_ends_the_session_and_its_access_tokens()
    {
        using var client = app.Anonymous();
        var token = await Register(client);
        var next = (await Refresh(client, token)).Is(200);
        app.Time.Advance(App.Grace - TimeSpan.FromMilliseconds(1));
        (await Refresh(client, token)).Is(200);
        client.Token = next.Text("access_token");
        (await client.Get("/api/me")).Is(200);

        app.Time.Advance(TimeSpan.FromMilliseconds(1));
        (await Refresh(client, token)).IsProblem(401, "refresh_token_reused");
        (await client.Get("/api/me")).IsProblem(401, "token_revoked");
        (await Refresh(client, next.Text("refresh_token"))).IsProblem(401, "refresh_token_invalid");
    }

    [Fact]
    public async Task Losing_a_race_revokes_nothing()
    {
        using var client = app.Anonymous();
        var token = await Register(client);
        // The other exchange has begun and not yet committed: the loser sees the token unused and waits for its row.
        await using var connection = await app.Database.Source.OpenConnectionAsync();
        await using var winner = await connection.BeginTransactionAsync();
        var family = await Family(token);
        await using (var use = connection.CreateCommand())
        {
            use.CommandText = $@"update refresh_token set used_at = '{app.Time.GetUtcNow():O}', successor_salt = '\x01' where family_id = '{family}'";
            Assert.Equal(1, await use.ExecuteNonQueryAsync());
        }

        var losing = Refresh(client, token);
        await app.Database.UntilSomebodyWaitsForALock();
        await winner.CommitAsync();
        (await losing).Is(200); // with what the winner got
        Assert.Equal(1, await app.Database.Scalar<long>($"select count(*) from refresh_token where family_id = '{family}'"));
    }

    [Fact]
    public async Task A_token_that_an_exchange_adds_while_the_family_is_revoked_is_revoked_too()
    {
        using var client = app.Anonymous();
        var first = await Register(client);
        var second = (await Refresh(client, first)).Is(200).Text("refresh_token");
        app.Time.Advance(App.Grace);
        var family = await Family(second);
        await using var connection = await app.Database.Source.OpenConnectionAsync();
        await using var exchange = await connection.BeginTransactionAsync();
        await using (var rotate = connection.CreateCommand())
        {
            rotate.CommandText =
                $"""
                with used as (
                    update refresh_token set used_at = now() where family_id = '{family}' and used_at is null returning *)
                insert into refresh_token select '\x01', user_id, family_id, created_at, expires_at, null from used
                """;
            Assert.Equal(1, await rotate.ExecuteNonQueryAsync());
        }

        var reuse = Refresh(client, first);
        await app.Database.UntilSomebodyWaitsForALock();
        await exchange.CommitAsync();
        (await reuse).IsProblem(401, "refresh_token_reused");
        Assert.Equal(0, await app.Database.Scalar<long>($"select count(*) from refresh_token where family_id = '{family}'"));
        (await Refresh(client, second)).IsProblem(401, "refresh_token_invalid");
    }

    [Fact]
    public async Task An_expired_refresh_token_is_refused_and_pruned()
    {
        using var client = app.Anonymous();
        var token = await Register(client);
        app.Time.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        var next = (await Refresh(client, token)).Is(200).Text("refresh_token");
        app.Time.Advance(TimeSpan.FromDays(30));
        (await Refresh(client, next)).IsProblem(401, "refresh_token_invalid");

        var fresh = await Register(client);
        await using var scope = app.Host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Sessions>().Prune(app.Time.GetUtcNow(), CancellationToken.None);
        Assert.Equal(1, await app.Database.Scalar<long>("select count(*) from session"));
        Assert.Equal(1, await app.Database.Scalar<long>("select count(*) from refresh_token"));
        (await Refresh(client, fresh)).Is(200);
    }

    [Fact]
    public async Task Logging_out_ends_the_session_and_may_be_repeated()
    {
        using var client = app.Anonymous();
        var first = await Register(client);
        var second = (await Refresh(client, first)).Is(200).Text("refresh_token");
        (await client.Post("/api/auth/logout", new { refresh_token = first })).Is(204);
        (await client.Post("/api/auth/logout", new { refresh_token = first })).Is(204);
        (await client.Post("/api/auth/logout", new { refresh_token = "never given out" })).Is(204);
        (await Refresh(client, second)).IsProblem(401, "refresh_token_invalid");
    }

    [Fact]
    public async Task Logging_out_ends_the_access_token_of_the_session_and_of_no_other()
    {
        using var client = app.Anonymous();
        var email = NewEmail();
        var here = (await client.Post("/api/auth/register", new { email, password = Password })).Is(201);
        using var elsewhere = new ApiClient(app.Address, (await client.Post("/api/auth/login", new { email, password = Password })).Is(200).Text("access_token"));
        client.Token = here.Text("access_token");
        (await client.Get("/api/me")).Is(200);
        (await client.Post("/api/auth/logout", new { refresh_token = here.Text("refresh_token") })).Is(204);
        var refused = (await client.Get("/api/me")).IsProblem(401, "token_revoked");
        Assert.Equal("Bearer error=\"invalid_token\"", refused.Header("WWW-Authenticate"));
        (await elsewhere.Get("/api/me")).Is(200);
    }

    [Fact]
    public async Task Refresh_tokens_are_stored_as_digests_only()
    {
        using var client = app.Anonymous();
        Assert.NotEqual(Guid.Empty, await Family(await Register(client)));
    }

    private Task<Guid> Family(string token)
    {
        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        return app.Database.Scalar<Guid>($@"select family_id from refresh_token where digest = '\x{digest}'");
    }

    private static Task<ApiAnswer> Refresh(ApiClient client, string token, string? key = null) =>
        client.Post("/api/auth/refresh", new { refresh_token = token }, key is null ? [] : [("Idempotency-Key", key)]);

    private async Task<string> Register(ApiClient client) =>
        (await client.Post("/api/auth/register", new { email = NewEmail(), password = Password })).Is(201).Text("refresh_token");

    private string NewEmail() => $"session{Interlocked.Increment(ref _users)}.{Guid.NewGuid():N}@example.com";

    /// <summary>The application under a clock of the test's.</summary>
    public sealed class App : TestApp
    {
        /// <summary>For so long a token that was exchanged gets the same successor.</summary>
        public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

        public FakeClock Time { get; } = new();

        protected override TimeProvider Clock => Time;
    }
}
