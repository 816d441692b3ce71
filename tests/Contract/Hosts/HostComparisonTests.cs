using System.Globalization;
using System.Text.RegularExpressions;
using TodoFlow.Functions;
using TodoFlow.Host;
using TodoFlow.Host.Invocation;
using TodoFlow.Tests.Support;
using TodoFlow.Tests.Support.FunctionsHost;
using TodoFlow.Tests.Support.FunctionsHost.Rpc;
using Xunit;
using Xunit.Abstractions;

namespace TodoFlow.Tests.Contract.Hosts;

/// <summary>
/// The standalone host and the worker under the double of the Functions host are one API. Where they differ by the hosts' nature,
/// docs/local-functions.md says so, and the test of the difference is here.
/// </summary>
public sealed class HostComparisonTests(HostComparisonTests.Standalone standalone, HostComparisonTests.Functions functions, ITestOutputHelper output)
    : IClassFixture<HostComparisonTests.Standalone>, IClassFixture<HostComparisonTests.Functions>
{
    private const string MetricsToken = "the token of the metrics";

    private static readonly string[] MeasuredByTheFunctionsHost =
        ["todoflow_function_", "todoflow_consumer_", "todoflow_realtime_", "messaging_client_consumed_messages", "messaging_process_duration"];

    [Fact]
    public async Task Both_hosts_answer_every_request_alike()
    {
        using var one = standalone.Anonymous();
        using var other = functions.Anonymous();
        var (ofOne, ofOther) = (new ComparableResponses(standalone.Address), new ComparableResponses(functions.Address));
        var (answersOfOne, answersOfOther) = (new Dictionary<string, ApiAnswer>(), new Dictionary<string, ApiAnswer>());
        var differences = new List<string>();
        var called = new HashSet<(string, string)>();
        var statuses = new SortedDictionary<int, int>();

        foreach (var request in HostRequest.All)
        {
            var answer = await request.Send(one, answersOfOne);
            var first = ofOne.Write(answer);
            var second = ofOther.Write(await request.Send(other, answersOfOther));
            statuses[answer.Status] = statuses.GetValueOrDefault(answer.Status) + 1;
            if (first != second)
            {
                differences.Add($"{request.Verb} {request.Path}\n--- standalone\n{first}\n--- functions\n{second}\n");
            }

            if (request.Verb == "GET")
            {
                var head = request with { Verb = "HEAD", Name = null };
                var (headOfOne, headOfOther) = (await head.Send(one, answersOfOne), await head.Send(other, answersOfOther));
                var (firstHead, secondHead) = (ofOne.Write(headOfOne), ofOther.Write(headOfOther));
                if (firstHead != secondHead || headOfOne.Body.Length > 0 || !HasTheHeadersOf(answer, headOfOne))
                {
                    differences.Add($"HEAD {request.Path}\n--- standalone\n{firstHead}\n--- functions\n{secondHead}\n--- GET\n{first}\n");
                }

                called.UnionWith(standalone.Routes.Where(route => route.Method == "HEAD" && Matches(route.Route, request.Path)));
            }

            called.UnionWith(standalone.Routes.Where(route => route.Method == request.Verb && Matches(route.Route, request.Path)));
        }

        output.WriteLine($"{HostRequest.All.Count} requests: {string.Join(", ", statuses.Select(status => $"{status.Value} x {status.Key}"))}");
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.True(HostRequest.All.Count >= 120);
        Assert.Empty(standalone.Routes.Except(called).Except([("GET", "health"), ("HEAD", "health")])); // it names the parts of a host, which the next test compares
    }

    [Fact]
    public async Task Health_of_both_hosts_has_the_same_form()
    {
        using var one = standalone.Anonymous();
        using var other = functions.Anonymous();

        var (first, second) = ((await one.Get("/health")).Is(200), (await other.Get("/health")).Is(200));

        Assert.Equal(first.Text("status"), second.Text("status"));
        Assert.Equal(Names(first), Names(second));

        static IEnumerable<string> Names(ApiAnswer health) => health.Json["parts"]!.AsObject().Select(part => part.Key);
    }

    [Fact]
    public async Task Realtime_is_served_by_the_standalone_host_itself_and_by_a_SignalR_service_elsewhere()
    {
        using var one = await standalone.SignUp();
        using var other = await functions.SignUp();

        (await one.Post("/api/notifications/negotiate")).Is(200);
        (await other.Post("/api/notifications/negotiate")).IsProblem(404, "realtime_unavailable");
        using var nobody = functions.Anonymous();
        (await nobody.Get("/hubs/notifications")).IsProblem(404, "route_not_found");
    }

    [Fact]
    public async Task Only_the_Functions_host_names_its_server()
    {
        using var one = standalone.Anonymous();
        using var other = functions.Anonymous();

        Assert.Null((await one.Get("/health/live")).Header("Server"));
        Assert.Equal("Kestrel", (await other.Get("/health/live")).Header("Server"));
    }

    [Fact]
    public async Task Metrics_of_both_hosts_count_requests_but_not_what_the_Functions_host_does_itself()
    {
        var (ofStandalone, ofFunctions) = (await Families(standalone), await Families(functions));

        Assert.Contains("http_server_request_duration_seconds", ofStandalone);
        Assert.Contains("http_server_request_duration_seconds", ofFunctions);
        Assert.DoesNotContain(ofFunctions, family => MeasuredByTheFunctionsHost.Any(prefix => family.StartsWith(prefix, StringComparison.Ordinal)));

        static async Task<HashSet<string>> Families(TestApp app)
        {
            using var client = new ApiClient(app.Address, MetricsToken);
            (await client.Get("/health/live")).Is(200);
            var text = (await client.Get("/metrics")).Is(200).Body;
            return [.. text.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];
        }
    }

    [Fact]
    public async Task Both_hosts_run_the_same_functions_by_the_same_triggers()
    {
        await using var all = await AzureHost.Start(Published.Functions, new Dictionary<string, string?>(All));
        var catalog = Unit.Host.Catalog.Discover(typeof(FunctionsSetup).Assembly.GetTypes(), All.Select(setting => (setting.Key, setting.Value!)));

        Assert.Equal(catalog.Functions.Select(Describe).Order(StringComparer.Ordinal), all.Functions.Select(Describe).Order(StringComparer.Ordinal));
        await all.Stop();
    }

    [Fact]
    public void What_no_function_serves_comes_last_as_the_Functions_host_tries_routes_by_the_functions_names()
    {
        var names = functions.Azure.Functions.Where(function => function.TriggerType == "httpTrigger").Select(function => function.Name).ToList();

        Assert.Equal(["WebPage", "WrongRoute"], names.Order(StringComparer.OrdinalIgnoreCase).TakeLast(2));
    }

    [Fact]
    public async Task A_timer_that_the_host_fires_does_its_work()
    {
        using var alice = await functions.SignUp();
        var task = (await alice.Post("/api/tasks", new { title = "to be reminded of" })).Is(201);
        var reminder = (await alice.Post("/api/reminders", new { task_id = task.Id, remind_at = "2026-01-01T00:00:00Z" })).Is(201);

        await functions.Azure.FireTimer("FireReminders");

        var trace = (await alice.Get($"/api/reminders/{reminder.Id}/trace")).Is(200);
        Assert.Contains("claimed", trace.Body, StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> All => new()
    {
        ["ConnectionStrings:TodoFlow"] = "Host=127.0.0.1;Port=1;Database=nothing",
        ["Auth:SigningKeys:0:Id"] = "test",
        ["Auth:SigningKeys:0:Key"] = "a signing key of the tests, 32 bytes and more",
        ["Events:Transport"] = "postgres",
        ["Kafka:Brokers"] = "127.0.0.1:1",
        ["Kafka:GroupPrefix"] = "todoflow-",
        ["Kafka:Topics:TaskEvents"] = "task-events",
        ["Kafka:Topics:TaskUpdates"] = "task-updates",
        ["Kafka:Topics:Reminders"] = "reminders",
    };

    // RFC 9110 section 9.3.2; whether a length is told is left to the server, and some values are the request's own.
    private static bool HasTheHeadersOf(ApiAnswer get, ApiAnswer head)
    {
        string[] free = ["Content-Length", "Transfer-Encoding", "Date"];
        string[] own = ["X-Correlation-Id", "RateLimit"];
        return get.Status == head.Status && Headers(get).SetEquals(Headers(head));

        HashSet<(string, string)> Headers(ApiAnswer answer) =>
            [.. from header in answer.Headers where !free.Contains(header.Key) select (header.Key, own.Contains(header.Key) ? "" : header.Value)];
    }

    private static bool Matches(string template, string path)
    {
        var (one, other) = (template.Split('/'), path.Split('?')[0].TrimStart('/').Split('/'));
        return one.Length == other.Length && one.Zip(other).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second);
    }

    private static string Describe(HostedFunction function)
    {
        var retry = function.Retry.MaxRetryCount == 0 ? "" : $" retry {function.Retry}";
        return $"{function.Name}: " + function.Trigger switch
        {
            HttpTrigger http => $"http {string.Join(',', http.Methods.Order())} /{http.Route} Anonymous",
            TimerTrigger timer => $"timer {timer.Schedule} monitor {timer.UseMonitor}",
            KafkaTrigger kafka => $"kafka {kafka.Topic} {kafka.ConsumerGroup} {(kafka.IsBatched ? "Many" : "One")}",
            _ => "",
        } + retry + (function.SignalROutput is { } signalR ? $" signalR {signalR.HubName}" : "");
    }

    private static string Describe(WorkerFunction function) => $"{function.Name}: " + function.TriggerType switch
    {
        "httpTrigger" => $"http {string.Join(',', (function.Methods ?? []).Order())} /{function.Route} {function.Setting("authLevel")}",
        "timerTrigger" => $"timer {Resolved(function.Setting("schedule"))} monitor {bool.Parse(function.Setting("useMonitor") ?? "true")}",
        "kafkaTrigger" => $"kafka {Resolved(function.Setting("topic"))} {Resolved(function.Setting("consumerGroup"))} {function.Setting("cardinality") ?? "One"}",
        var other => other,
    } + Retry(function.Metadata.RetryOptions) + string.Concat(function.Bindings.Where(binding => $"{binding["type"]}" == "signalR").Select(binding => $" signalR {binding["hubName"]}"));

    private static string Retry(RetryOptions? retry) => retry is null
        ? ""
        : $" retry {new RetryPolicy(retry.MaxRetryCount, (retry.MinimumInterval ?? retry.DelayInterval).ToTimeSpan(), (retry.MaximumInterval ?? retry.DelayInterval).ToTimeSpan())}";

    // As the Functions host does it: wherever in the text a setting stands.
    private static string? Resolved(string? text) => text is null ? null : Regex.Replace(text, "%([^%]+)%", setting => All[setting.Groups[1].Value]!);

    /// <summary>The standalone host, with the functions that HTTP runs.</summary>
    public sealed class Standalone : TestApp
    {
        protected override void Configure(HostApplicationOptions options) => OnlyHttp(options);
    }

    /// <summary>The worker under the double, with the same and the timer that is tried.</summary>
    public sealed class Functions : FunctionsApp
    {
        protected override void Configure(HostApplicationOptions options)
        {
            OnlyHttp(options);
            options.Settings["AzureFunctionsJobHost:functions:1000"] = "FireReminders";
        }
    }

    // No consumer: the double has none, and what they would write could be seen.
    private static void OnlyHttp(HostApplicationOptions options)
    {
        var http = Unit.Host.Catalog.Discover(typeof(FunctionsSetup).Assembly.GetTypes(), All.Select(setting => (setting.Key, setting.Value!))).Functions
            .Where(function => function.Trigger is HttpTrigger);
        options.Settings["Metrics:Token"] = MetricsToken;
        options.Settings["Web:Root"] = SamplePage.Root;
        foreach (var (index, function) in http.Index())
        {
            options.Settings[string.Create(CultureInfo.InvariantCulture, $"AzureFunctionsJobHost:functions:{index}")] = function.Name;
        }
    }
}
