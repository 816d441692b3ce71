using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using TodoFlow.Host;
using TodoFlow.Host.Configuration;
using TodoFlow.Infrastructure.Observability;
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
    public async Task Prometheus_gets_OpenMetrics_where_it_asks_for_it()
    {
        using var prometheus = new ApiClient(app.Host.MetricsAddress!, null);
        var answer = (await prometheus.Get("/metrics", ("Accept", "application/openmetrics-text; version=1.0.0, text/plain; version=0.0.4; q=0.5"))).Is(200);

        Assert.StartsWith("application/openmetrics-text; version=1.0.0; charset=utf-8", answer.Header("Content-Type"), StringComparison.Ordinal);
        Assert.EndsWith("# EOF\n", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_shows_what_it_measures_itself_and_nothing_of_another()
    {
        var counter = app.Host.Services.GetRequiredService<IMeterFactory>().Create("TodoFlow").CreateCounter<long>("test.mine", "{thing}", "Things.");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a"));
        using var others = new ServiceCollection().AddMetrics().BuildServiceProvider();
        others.GetRequiredService<IMeterFactory>().Create("TodoFlow").CreateCounter<long>("test.mine", "{thing}", "Things.").Add(7, new KeyValuePair<string, object?>("kind", "a"));
        app.Host.Services.GetRequiredService<IMeterFactory>().Create("Somebody.Else").CreateCounter<long>("test.theirs").Add(1);

        var metrics = await app.Scrape();
        Assert.Equal(5, metrics.Value("test_mine_total", ("kind", "a")));
        Assert.DoesNotContain("test_theirs", metrics.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("npgsql_bytes_read", metrics.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gauge_shows_what_it_reports_now_and_nothing_of_before()
    {
        var reported = new List<Measurement<int>> { new(3, new KeyValuePair<string, object?>("partition", 1)), new(4, new KeyValuePair<string, object?>("partition", 2)) };
        app.Host.Services.GetRequiredService<IMeterFactory>().Create("TodoFlow").CreateObservableGauge("test.lag", () => reported, "{record}", "Lag.");
        Assert.Equal(7, (await app.Scrape()).Value("test_lag"));

        reported.RemoveAt(0); // it belongs to another host now
        Assert.Equal(4, (await app.Scrape()).Value("test_lag"));
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

    private static bool ShowsSent(ScrapedMetrics metrics) => metrics.Text.Split('\n').Any(line =>
        line.StartsWith("messaging_client_sent_messages_total{", StringComparison.Ordinal) && line.Contains("\"task-events\"", StringComparison.Ordinal));

    [Fact]
    public async Task A_host_that_was_used_shows_it()
    {
        using var alice = await app.SignUp();
        var task = (await alice.Post("/api/tasks", new { title = "Pay the window cleaner" })).Is(201);
        (await alice.Get($"/api/tasks/{task.Id}")).Is(200);
        (await alice.Get($"/api/tasks/{Guid.CreateVersion7()}")).Is(404);

        var metrics = await app.Scrape();
        for (var patience = Stopwatch.StartNew(); !ShowsSent(metrics); metrics = await app.Scrape())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), metrics.Text); // the relay sends after the response
        }

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

    [Fact]
    public async Task Two_addresses_on_one_port_number_are_told_apart()
    {
        var twin = new SamePortApp();
        await twin.InitializeAsync();
        try
        {
            using var api = twin.Anonymous();
            using var metrics = new ApiClient(twin.Host.MetricsAddress!, null);
            Assert.Equal(twin.Address.Port, twin.Host.MetricsAddress!.Port);

            (await api.Get("/metrics")).IsProblem(404, "metrics_off");
            (await api.Get("/api/tasks")).IsProblem(401, "unauthenticated");
            (await metrics.Get("/metrics")).Is(200);
            (await metrics.Get("/api/tasks")).IsProblem(404, "route_not_found");
        }
        finally
        {
            await twin.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("Metrics:Url", "9464", "it must look like")]
    [InlineData("Metrics:Url", "http://127.0.0.1:9464/metrics", "has a path")]
    public void A_wrong_address_stops_the_start(string setting, string value, string message) =>
        Assert.Contains(message, Assert.Throws<HostStartException>(() => TestHost.Build([], configure: options => options.Settings[setting] = value)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_token_that_can_be_guessed_is_refused()
    {
        Assert.Contains("Metrics:Token", Assert.Single(new MetricsSettings { Token = "short" }.Check()), StringComparison.Ordinal);
        Assert.Empty(new MetricsSettings { Token = "" }.Check());
        Assert.Empty(new MetricsSettings { Token = "a token of the tests" }.Check());
    }

    private sealed class SamePortApp : TestApp
    {
        protected override void Configure(HostApplicationOptions options)
        {
            using var free = new TcpListener(IPAddress.Loopback, 0);
            free.Start();
            var port = ((IPEndPoint)free.LocalEndpoint).Port;
            options.Settings["urls"] = $"http://127.0.0.1:{port}";
            options.Settings["Metrics:Url"] = $"http://127.0.0.2:{port}";
        }
    }
}
