using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions;
using TodoFlow.Host;
using TodoFlow.Host.Discovery;
using TodoFlow.Host.Invocation;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>No function answers without a valid token unless it says that it may.</summary>
public sealed partial class AuthenticationTests(AuthenticationTests.App app) : IClassFixture<AuthenticationTests.App>
{
    [Fact]
    public async Task Every_function_needs_a_token_unless_it_says_otherwise()
    {
        using var client = app.Anonymous();
        var functions = app.Host.Services.GetRequiredService<FunctionCatalog>().Functions.Where(function => function.Trigger is HttpTrigger).ToList();
        Assert.NotEmpty(functions);
        foreach (var function in functions.Where(function => !function.Method.IsDefined(typeof(AllowAnonymousAttribute), false)))
        {
            var trigger = (HttpTrigger)function.Trigger;
            var path = "/" + RouteParameter().Replace(trigger.Route, Guid.NewGuid().ToString());
            foreach (var method in trigger.Methods)
            {
                var answer = await client.Send(new HttpMethod(method), path, body: null);
                _ = method == "HEAD" ? answer.Is(401) : answer.IsProblem(401, "unauthenticated");
                Assert.Equal("Bearer", answer.Header("WWW-Authenticate"));
            }
        }
    }

    [Fact]
    public void Only_sign_in_links_in_mails_health_metrics_documentation_and_what_is_not_there_are_open()
    {
        string[] open = ["api/auth/", "api/mail/unsubscribe", "health", "metrics", "api/openapi.json", "api/docs", ".well-known/oauth-protected-resource/", "{*path}"];
        var routes = app.Host.Services.GetRequiredService<FunctionCatalog>().Functions
            .Where(function => function.Method.DeclaringType != typeof(Stranger))
            .Where(function => function.Trigger is HttpTrigger && function.Method.IsDefined(typeof(AllowAnonymousAttribute), false))
            .Select(function => ((HttpTrigger)function.Trigger).Route)
            .ToList();
        Assert.Contains("api/auth/login", routes);
        Assert.All(routes, route => Assert.Contains(open, prefix => route.StartsWith(prefix, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_function_whose_method_cannot_be_told_is_closed()
    {
        using var client = app.Anonymous();
        (await client.Get("/stranger")).IsProblem(401, "unauthenticated"); // although it says [AllowAnonymous]
        using var alice = await app.SignUp();
        (await alice.Get("/stranger")).Is(204);
    }

    [Theory]
    [InlineData("Basic YWRhOnNlY3JldA==", "unauthenticated")]
    [InlineData("Bearer", "unauthenticated")]
    [InlineData("Bearer ", "unauthenticated")]
    [InlineData("nonsense", "unauthenticated")]
    [InlineData("Bearer nonsense", "token_invalid")]
    [InlineData("Bearer a b", "token_invalid")]
    [InlineData("Bearer a.b.c", "token_invalid")]
    public async Task A_header_without_a_valid_token_is_refused(string header, string code)
    {
        using var client = app.Anonymous();
        var answer = (await client.Get("/api/me", ("Authorization", header))).IsProblem(401, code);
        Assert.Equal(code == "unauthenticated" ? "Bearer" : "Bearer error=\"invalid_token\"", answer.Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task A_token_is_taken_from_the_header_alone_and_once()
    {
        using var alice = await app.SignUp();
        using var client = app.Anonymous();
        (await client.Get("/api/me", ("Authorization", $"bearer {alice.Token}"))).Is(200);
        (await client.Get($"/api/me?access_token={alice.Token}")).IsProblem(401, "unauthenticated");
        (await client.Get("/api/me", ("Cookie", $"access_token={alice.Token}"))).IsProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task An_open_function_does_not_look_at_the_token()
    {
        using var client = app.Anonymous();
        client.Token = "nonsense";
        (await client.Get("/health/live")).Is(200);
    }

    [Fact]
    public async Task An_expired_token_is_told_from_an_invalid_one()
    {
        using var alice = await app.SignUp();
        (await alice.Get("/api/me")).Is(200);
        app.Time.Advance(TimeSpan.FromMinutes(16));
        var answer = (await alice.Get("/api/me")).IsProblem(401, "token_expired");
        Assert.Equal("Bearer error=\"invalid_token\"", answer.Header("WWW-Authenticate"));
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex RouteParameter();

    /// <summary>The application with a function from elsewhere, under a clock of the test's.</summary>
    public sealed class App : TestApp
    {
        public FakeClock Time { get; } = new();

        protected override TimeProvider Clock => Time;

        protected override void Configure(HostApplicationOptions options) =>
            options.FunctionTypes = [.. typeof(FunctionsSetup).Assembly.GetTypes(), typeof(Stranger)];
    }

    /// <summary>A function of another assembly than TodoFlow's.</summary>
    public sealed class Stranger
    {
        [Function(nameof(Stranger))]
        [AllowAnonymous]
        public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "stranger")] HttpRequest request) => TypedResults.NoContent();
    }
}
