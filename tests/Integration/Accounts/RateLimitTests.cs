using System.Diagnostics;
using System.Globalization;
using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>Who asks too much is told to wait; nobody else is.</summary>
public sealed class RateLimitTests(RateLimitTests.App app) : IClassFixture<RateLimitTests.App>
{
    [Fact]
    public async Task Sign_ins_are_counted_by_address()
    {
        using var client = app.Anonymous();
        for (var left = App.SignIns - 1; left >= 0; left--)
        {
            var answer = (await LogIn(client, "203.0.113.1")).IsProblem(400, "invalid_request");
            Assert.Equal("\"sign-ins\";q=2;w=60", answer.Header("RateLimit-Policy"));
            Assert.StartsWith($"\"sign-ins\";r={left};t=", answer.Header("RateLimit"), StringComparison.Ordinal);
        }

        foreach (var path in new[] { "login", "register", "refresh" })
        {
            var refused = (await client.Post($"/api/auth/{path}", new { }, ("X-Forwarded-For", "203.0.113.1"))).IsProblem(429, "rate_limited");
            Assert.InRange(int.Parse(refused.Header("Retry-After")!, CultureInfo.InvariantCulture), 1, 60 / App.SignIns);
            Assert.StartsWith("\"sign-ins\";r=0;t=", refused.Header("RateLimit"), StringComparison.Ordinal);
        }

        (await LogIn(client, "203.0.113.2")).IsProblem(400, "invalid_request");
        (await LogIn(client, "1.1.1.1, 203.0.113.1")).IsProblem(429, "rate_limited"); // what the client itself wrote there counts nothing
    }

    [Fact]
    public async Task Requests_are_counted_by_user()
    {
        using var alice = await SignUp("203.0.113.10");
        using var bob = await SignUp("203.0.113.11");
        var watch = Stopwatch.StartNew();
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => alice.Get("/api/tasks")));
        var most = (App.Requests * (watch.Elapsed.TotalSeconds + 1)) + 1;
        Assert.InRange(answers.Count(answer => answer.Status == 200), App.Requests, most);
        Assert.All(answers, answer => Assert.Equal("\"requests\";q=3;w=1", answer.Header("RateLimit-Policy")));
        var refused = answers.First(answer => answer.Status != 200).IsProblem(429, "rate_limited");
        Assert.Equal("1", refused.Header("Retry-After"));

        var served = (await bob.Get("/api/tasks")).Is(200);
        Assert.StartsWith("\"requests\";r=2;t=1", served.Header("RateLimit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_is_not_limited()
    {
        using var client = app.Anonymous();
        for (var i = 0; i < 3 * App.SignIns; i++)
        {
            var answer = (await client.Get("/health/live", ("X-Forwarded-For", "203.0.113.20"))).Is(200);
            Assert.Null(answer.Header("RateLimit"));
        }
    }

    private static Task<ApiAnswer> LogIn(ApiClient client, string from) =>
        client.Post("/api/auth/login", new { }, ("X-Forwarded-For", from)); // refused at once, and counted

    private async Task<ApiClient> SignUp(string from)
    {
        using var client = app.Anonymous();
        var body = new { email = $"{Guid.NewGuid():N}@example.com", password = "correct horse battery" };
        return new ApiClient(app.Address, (await client.Post("/api/auth/register", body, ("X-Forwarded-For", from))).Is(201).Text("access_token"));
    }

    /// <summary>The application with low limits behind one proxy, which these tests play.</summary>
    public sealed class App : TestApp
    {
        public const int SignIns = 2;
        public const int Requests = 3;

        protected override void Configure(HostApplicationOptions options)
        {
            options.Settings["RateLimits:RequestsPerSecond"] = $"{Requests}";
            options.Settings["RateLimits:SignInsPerMinute"] = $"{SignIns}";
            options.Settings["RateLimits:TrustedProxies"] = "1";
        }
    }
}
