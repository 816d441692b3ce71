using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Host;

/// <summary>Pages of the origins that the settings name may call the host from a browser, and no others.</summary>
public sealed class CorsTests(CorsTests.App app, TestApp closed) : IClassFixture<CorsTests.App>, IClassFixture<TestApp>
{
    private const string Ours = "https://tasks.example.com";
    private const string Page = "http://localhost:5173";
    private const string Theirs = "https://evil.example";

    [Theory]
    [InlineData("/api/tasks", "POST")]
    [InlineData("/api/tasks/0194d2a0-0000-7000-8000-000000000000", "PUT")]
    [InlineData("/api/auth/login", "POST")]
    [InlineData("/hubs/notifications/negotiate", "POST")]
    public async Task A_preflight_of_an_allowed_origin_is_answered(string path, string method)
    {
        using var client = app.Anonymous();
        var answer = await Preflight(client, path, method, Ours);

        answer.Is(204);
        Assert.Equal(Ours, answer.Header("Access-Control-Allow-Origin"));
        Assert.Contains(method, answer.Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Equal("authorization,content-type,idempotency-key", answer.Header("Access-Control-Allow-Headers"));
        Assert.Equal("600", answer.Header("Access-Control-Max-Age"));
        Assert.Null(answer.Header("Access-Control-Allow-Credentials"));
    }

    [Theory]
    [InlineData(Theirs)]
    [InlineData("https://tasks.example.com.evil.example")]
    [InlineData("http://tasks.example.com")]
    [InlineData("https://tasks.example.com:8443")]
    [InlineData("null")]
    public async Task An_origin_that_is_not_allowed_is_told_nothing(string origin)
    {
        using var client = app.Anonymous();

        Assert.DoesNotContain((await Preflight(client, "/api/tasks", "POST", origin)).Headers.Keys, IsCors);
        Assert.DoesNotContain((await client.Get("/health/live", ("Origin", origin))).Is(200).Headers.Keys, IsCors);
    }

    [Fact]
    public async Task A_page_of_an_allowed_origin_reads_responses_and_problems()
    {
        using var alice = await app.SignUp();
        var listed = (await alice.Get("/api/tasks", ("Origin", Ours))).Is(200);
        Assert.Equal(Ours, listed.Header("Access-Control-Allow-Origin"));
        Assert.Equal("Origin", listed.Header("Vary"));
        Assert.Equal("no-store", listed.Header("Cache-Control"));
        Assert.All(
            ["ETag", "Link", "X-Total-Count", "X-Correlation-Id", "Retry-After", "RateLimit", "RateLimit-Policy"],
            header => Assert.Contains(header, listed.Header("Access-Control-Expose-Headers")!.Split(',')));

        using var anonymous = app.Anonymous();
        Assert.Equal(Ours, (await anonymous.Get("/api/tasks", ("Origin", Ours))).IsProblem(401, "unauthenticated").Header("Access-Control-Allow-Origin"));
        Assert.Equal(Ours, (await anonymous.Get("/nowhere", ("Origin", Ours))).Is(404).Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Without_the_setting_no_origin_is_allowed()
    {
        using var client = closed.Anonymous();

        var refused = (await Preflight(client, "/api/tasks", "POST", Ours)).Is(405);
        Assert.DoesNotContain(refused.Headers.Keys, IsCors);
        Assert.DoesNotContain((await client.Get("/health/live", ("Origin", Ours))).Is(200).Headers.Keys, IsCors);
    }

    [Theory]
    [InlineData("tasks.example.com")]
    [InlineData("https://tasks.example.com/")]
    [InlineData("https://tasks.example.com/app")]
    [InlineData("https://*.example.com")]
    [InlineData("ftp://tasks.example.com")]
    public void A_setting_that_is_no_origin_stops_the_start(string origin)
    {
        var error = Assert.Throws<OptionsValidationException>(() => HostApplication.Build(options =>
        {
            options.Settings["urls"] = "http://127.0.0.1:0";
            options.Settings["ConnectionStrings:TodoFlow"] = closed.Database.ConnectionString;
            options.Settings["Auth:SigningKeys:0:Id"] = "test";
            options.Settings["Auth:SigningKeys:0:Key"] = "a signing key of the tests, 32 bytes and more";
            options.Settings["Cors:AllowedOrigins:0"] = origin;
        }));
        Assert.Contains($"Cors:AllowedOrigins has '{origin}'", error.Message, StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task A_page_of_an_allowed_origin_signs_in_lists_and_is_told_and_another_is_not()
    {
        var seen = JsonNode.Parse(await Browser.Run("cors.mjs", await Arguments(Page)))!;
        Assert.True(seen["refused"] is null, $"{seen["refused"]}");
        Assert.Equal(["Buy milk"], seen["titles"]!.AsArray().Select(title => (string)title!));
        Assert.Equal(("1", true, "\"1\"", true), ((string)seen["total"]!, (bool)seen["correlation"]!, (string)seen["etag"]!, (bool)seen["told"]!));

        Assert.Equal("Failed to fetch", (string?)JsonNode.Parse(await Browser.Run("cors.mjs", await Arguments("http://localhost:5174")))!["refused"]);
    }

    // The script's, with an account of its own.
    private async Task<string[]> Arguments(string origin)
    {
        using var anonymous = app.Anonymous();
        var (email, password) = ($"{Guid.NewGuid():N}@example.com", "correct horse battery");
        (await anonymous.Post("/api/auth/register", new { email, password })).Is(201);
        return [$"{app.Address}".TrimEnd('/'), email, password, origin];
    }

    private static bool IsCors(string header) => header.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase);

    private static Task<ApiAnswer> Preflight(ApiClient client, string path, string method, string origin) => client.Send(
        HttpMethod.Options, path, null,
        ("Origin", origin), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", "authorization,content-type,idempotency-key"));

    public sealed class App : TestApp
    {
        protected override void Configure(HostApplicationOptions options)
        {
            options.Settings["Cors:AllowedOrigins:0"] = Page;
            options.Settings["Cors:AllowedOrigins:1"] = Ours;
        }
    }
}
