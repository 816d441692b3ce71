using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Observability;

/// <summary>Who may read GET /metrics, and what it says of a host that was used.</summary>
public sealed class MetricsTests(MeasuredApp app) : IClassFixture<MeasuredApp>
{
    [Fact]
    public async Task The_address_of_the_metrics_serves_them_to_whoever_asks()
    {
        using var prometheus = new ApiClient(app.Host.MetricsAddress!, null);
        var answer = (await prometheus.Get("/metrics")).Is(200);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Header("Content-Type"));
        Assert.Contains("\n# TYPE http_server_request_duration_seconds histogram\n", answer.Body, StringComparison.Ordinal);
        (await prometheus.Get("/health")).Is(200);
        (await prometheus.Get("/health/live")).Is(200);
    }

    [Fact]
    public async Task The_address_of_the_metrics_serves_nothing_else()
    {
        using var alice = await app.SignUp();
        using var there = new ApiClient(app.Host.MetricsAddress!, alice.Token);
        foreach (var path in new[] { "/api/tasks", "/api/docs", "/api/openapi.json", "/", "/healthy" })
        {
            (await there.Get(path)).IsProblem(404, "route_not_found");
        }

        (await there.Post("/api/auth/login", new { email = "a@example.com", password = "correct horse battery" })).IsProblem(404, "route_not_found");
        (await there.Post("/metrics")).IsProblem(404, "route_not_found");
    }

    [Fact]
    public async Task Elsewhere_their_token_opens_them_and_nothing_else_does()
    {
        using var alice = await app.SignUp();
        using var anonymous = app.Anonymous();
        (await anonymous.Get("/metrics")).IsProblem(401, "unauthenticated");
        (await alice.Get("/metrics")).IsProblem(401, "unauthenticated");
        foreach (var sent in new[] { "Bearer", "Bearer ", "Basic " + MeasuredApp.Token, MeasuredApp.Token, "Bearer " + MeasuredApp.Token + "x", "Bearer " + MeasuredApp.Token[..^1] })
        {
            (await anonymous.Get("/metrics", ("Authorization", sent))).IsProblem(401, "unauthenticated");
        }

        (await anonymous.Get("/metrics", ("Authorization", "Bearer " + MeasuredApp.Token))).Is(200);
        (await anonymous.Get("/api/tasks", ("Authorization", "Bearer " + MeasuredApp.Token))).Is(401);
    }

    [Fact]
    public async Task A_host_that_was_used_shows_it()
    {
        using var alice = await app.SignUp();
        var task = (await alice.Post("/api/tasks", new { title = "Pay the window cleaner" })).Is(201);
        (await alice.Get($"/api/tasks/{task.Id}")).Is(200);
        (await alice.Get($"/api/tasks/{Guid.CreateVersion7()}")).Is(404);

        var metrics = await app.Scrape();
        Assert.True(metrics.Value("http_server_request_duration_seconds_count", ("http_route", "api/tasks"), ("http_request_method", "POST"), ("http_response_status_code", "201")) >= 1);
        Assert.True(metrics.Value("http_server_request_duration_seconds_count", ("http_route", "api/tasks/{id:guid}"), ("http_response_status_code", "404")) >= 1);
        Assert.True(metrics.Value("db_client_connection_max", ("db_client_connection_pool_name", "todoflow")) > 0);
        Assert.True(metrics.Value("messaging_client_sent_messages_total", ("messaging_destination_name", "task-events")) >= 0);
        Assert.Equal(0, metrics.Value("todoflow_dead_letters"));
        Assert.DoesNotContain(task.Id.ToString(), metrics.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_setting_says_so_metrics_are_served_to_nobody()
    {
        var closed = new TestApp();
        await closed.InitializeAsync();
        try
        {
            using var alice = await closed.SignUp();
            using var anonymous = closed.Anonymous();
            (await anonymous.Get("/metrics")).IsProblem(404, "metrics_off");
            (await alice.Get("/metrics")).IsProblem(404, "metrics_off");
            (await anonymous.Get("/metrics", ("Authorization", "Bearer "))).IsProblem(404, "metrics_off");
            Assert.Null(closed.Host.MetricsAddress);
        }
        finally
        {
            await closed.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("Metrics:Url", "9464", "it must look like")]
    [InlineData("Metrics:Url", "http://127.0.0.1:9464/metrics", "has a path")]
    public void A_wrong_address_stops_the_start(string setting, string value, string message) =>
        Assert.Contains(message, Assert.Throws<HostStartException>(() => TestHost.Build([], configure: options => options.Settings[setting] = value)).Message, StringComparison.Ordinal);
}
