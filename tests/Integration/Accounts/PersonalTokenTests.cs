using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions;
using TodoFlow.Functions.Http;
using TodoFlow.Host.Discovery;
using TodoFlow.Host.Invocation;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Accounts;

/// <summary>Personal access tokens do what they were made for, until they expire or are revoked, and nothing else.</summary>
public sealed partial class PersonalTokenTests(PersonalTokenTests.App app) : IClassFixture<PersonalTokenTests.App>
{
    private static readonly string[] Everything = ["tasks:read", "tasks:write", "tasks:delete", "notifications", "account"];

    [Fact]
    public async Task A_token_serves_with_its_scopes_and_no_other()
    {
        using var alice = await app.SignUp("Europe/Berlin");
        var made = (await alice.Post("/api/tokens", new { name = " backup ", scopes = new[] { "tasks:read" } })).Is(201);
        Assert.Equal("no-store", made.Header("Cache-Control"));
        Assert.Matches("^todoflow_pat_[0-9A-Za-z]{40}$", made.Text("token"));
        Assert.Equal(app.Now.AddDays(90), DateTimeOffset.Parse(made.Text("expires_at")));
        using var script = new ApiClient(app.Address, made.Text("token"));

        (await script.Get("/api/tasks")).Is(200);
        var refused = (await script.Post("/api/tasks", new { title = "Buy milk" })).IsProblem(403, "insufficient_scope");
        Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"tasks:write\"", refused.Header("WWW-Authenticate"));
        Assert.Contains("tasks:write", refused.Text("detail"), StringComparison.Ordinal);
        (await script.Get("/api/me")).IsProblem(403, "insufficient_scope");

        var listed = Assert.Single((await alice.Get("/api/tokens")).Is(200).Json.AsArray())!;
        Assert.Equal("backup", (string?)listed["name"]);
        Assert.Equal(["tasks:read"], listed["scopes"]!.AsArray().Select(scope => (string)scope!));
        Assert.Null(listed["token"]);
        Assert.Equal(0, await app.Database.Scalar<long>($"select count(*) from personal_access_token token where token::text like '%{made.Text("token")[13..]}%'"));
    }

    [Fact]
    public async Task A_task_that_a_token_adds_is_in_the_zone_of_its_user()
    {
        using var alice = await app.SignUp("Asia/Tokyo");
        using var script = await Client(alice, "tasks:write");

        Assert.Equal("Asia/Tokyo", (await script.Post("/api/tasks", new { title = "Buy milk", due_date = "2026-12-01" })).Is(201).Text("time_zone"));
    }

    [Fact]
    public async Task A_token_that_is_revoked_does_not_serve_any_more()
    {
        using var alice = await app.SignUp();
        var made = (await alice.Post("/api/tokens", new { name = "script", scopes = Everything })).Is(201);
        using var script = new ApiClient(app.Address, made.Text("token"));
        (await script.Get("/api/me")).Is(200);

        using var mallory = await app.SignUp();
        (await mallory.Delete($"/api/tokens/{made.Id}")).IsProblem(404, "token_not_found");
        Assert.Empty((await mallory.Get("/api/tokens")).Is(200).Json.AsArray());
        (await script.Get("/api/me")).Is(200);
        (await alice.Delete($"/api/tokens/{made.Id}")).Is(204);

        (await script.Get("/api/me")).IsProblem(401, "token_invalid");
        (await alice.Delete($"/api/tokens/{made.Id}")).IsProblem(404, "token_not_found");
    }

    [Fact]
    public async Task Another_process_refuses_a_revoked_token_after_the_interval_of_its_checks()
    {
        using var alice = await app.SignUp();
        var made = (await alice.Post("/api/tokens", new { name = "script", scopes = Everything })).Is(201);
        using var script = new ApiClient(app.Address, made.Text("token"));
        (await script.Get("/api/me")).Is(200);

        await app.Database.Execute($"delete from personal_access_token where id = '{made.Id}'"); // as another process would
        (await script.Get("/api/me")).Is(200);
        app.Time.Advance(app.Host.Services.GetRequiredService<IOptions<AuthSettings>>().Value.SessionCheckInterval);

        (await script.Get("/api/me")).IsProblem(401, "token_invalid");
    }

    [Fact]
    public async Task A_token_expires()
    {
        using var alice = await app.SignUp();
        var made = (await alice.Post("/api/tokens", new { name = "script", scopes = Everything, expires_at = app.Now.AddHours(2) })).Is(201);
        using var script = new ApiClient(app.Address, made.Text("token"));
        (await script.Get("/api/me")).Is(200);

        app.Time.Advance(TimeSpan.FromHours(2));

        (await script.Get("/api/me")).IsProblem(401, "token_expired");
    }

    [Fact]
    public async Task The_time_of_last_use_is_kept_to_the_minute()
    {
        using var alice = await app.SignUp();
        using var script = await Client(alice, "account");

        var first = app.Now;
        Assert.Equal(first, await Used());
        app.Time.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(first, await Used());
        app.Time.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(app.Now, await Used());

        async Task<DateTimeOffset> Used()
        {
            (await script.Get("/api/me")).Is(200);
            return DateTimeOffset.Parse((string)(await script.Get("/api/tokens")).Is(200).Json[0]!["last_used_at"]!);
        }
    }

    [Fact]
    public async Task A_token_passes_on_no_scope_that_it_has_not()
    {
        using var alice = await app.SignUp();
        using var script = await Client(alice, "account", "tasks:read");

        (await script.Post("/api/tokens", new { name = "more", scopes = new[] { "account", "tasks:delete" } })).IsProblem(403, "insufficient_scope");
        (await script.Post("/api/tokens", new { name = "less", scopes = new[] { "tasks:read" } })).Is(201);
    }

    [Fact]
    public async Task Every_field_that_is_wrong_is_named()
    {
        using var alice = await app.SignUp();
        Assert.Equal(["name", "scopes"], (await alice.Post("/api/tokens", new { name = " ", scopes = new[] { "tasks:read", "root" } })).Is(400).BadFields);
        Assert.Equal(["scopes"], (await alice.Post("/api/tokens", new { name = "a", scopes = Array.Empty<string>() })).Is(400).BadFields);
        Assert.Equal(["expires_at"], (await alice.Post("/api/tokens", new { name = "a", scopes = Everything, expires_at = app.Now })).Is(400).BadFields);
        Assert.Equal(["expires_at"], (await alice.Post("/api/tokens", new { name = "a", scopes = Everything, expires_at = app.Now.AddDays(367) })).Is(400).BadFields);
    }

    [Fact]
    public async Task There_is_an_end_to_the_number_of_tokens()
    {
        using var alice = await app.SignUp();
        var id = Guid.Empty;
        for (var i = 0; i < PersonalTokens.MostPerUser; i++)
        {
            id = (await alice.Post("/api/tokens", new { name = "a", scopes = Everything })).Is(201).Id;
        }

        (await alice.Post("/api/tokens", new { name = "a", scopes = Everything })).IsProblem(403, "quota_exceeded");
        (await alice.Delete($"/api/tokens/{id}")).Is(204);
        (await alice.Post("/api/tokens", new { name = "a", scopes = Everything })).Is(201);
    }

    [Fact]
    public async Task Tokens_that_have_expired_are_kept_for_a_while_and_not_without_end()
    {
        using var alice = await app.SignUp();
        for (var i = 0; i < 2 * PersonalTokens.MostPerUser; i++)
        {
            (await alice.Post("/api/tokens", new { name = "brief", scopes = Everything, expires_at = app.Now.AddMilliseconds(1) })).Is(201);
            app.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        (await alice.Post("/api/tokens", new { name = "last", scopes = Everything })).Is(201);

        Assert.Equal(PersonalTokens.MostPerUser + 1, await app.Database.Scalar<long>($"select count(*) from personal_access_token where user_id = '{(await alice.Get("/api/me")).Id}'"));
    }

    [Fact]
    public async Task A_repeated_request_gets_the_same_token()
    {
        using var alice = await app.SignUp();
        var key = ("Idempotency-Key", $"{Guid.NewGuid()}");
        var first = (await alice.Post("/api/tokens", new { name = "a", scopes = Everything }, key)).Is(201);

        Assert.Equal(first.Text("token"), (await alice.Post("/api/tokens", new { name = "a", scopes = Everything }, key)).Is(201).Text("token"));
        Assert.Single((await alice.Get("/api/tokens")).Is(200).Json.AsArray());
    }

    [Theory]
    [InlineData("todoflow_pat_")]
    [InlineData("todoflow_pat_0123456789012345678901234567890123456789")]
    [InlineData("todoflow_pat_0123456789012345678901234567890123456789x")]
    public async Task A_token_that_is_none_is_refused(string token)
    {
        using var stranger = new ApiClient(app.Address, token);

        Assert.Equal("Bearer error=\"invalid_token\"", (await stranger.Get("/api/tasks")).IsProblem(401, "token_invalid").Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task A_token_of_a_deleted_account_does_not_serve()
    {
        using var alice = await app.SignUp();
        using var script = await Client(alice, Everything);
        (await script.Get("/api/tasks")).Is(200);
        (await alice.Delete("/api/me")).Is(204);

        app.Time.Advance(TimeSpan.FromMinutes(1));
        (await script.Get("/api/tasks")).IsProblem(401, "token_invalid");
    }

    [Fact]
    public async Task Every_route_needs_the_scope_that_it_should()
    {
        var routes = app.Host.Services.GetRequiredService<FunctionCatalog>().Functions
            .Where(function => function.Trigger is HttpTrigger && !function.Method.IsDefined(typeof(AllowAnonymousAttribute), false)
                && !function.Method.IsDefined(typeof(TokenInQueryAttribute), false)) // CalendarFeedTests
            .OrderBy(function => function.Name == "DeleteMe") // the last
            .ToList();
        foreach (var scope in Everything)
        {
            using var user = await app.SignUp();
            using var script = await Client(user, scope);
            foreach (var function in routes)
            {
                var (verb, route) = (((HttpTrigger)function.Trigger).Methods[0], ((HttpTrigger)function.Trigger).Route); // HEAD is GET's
                var answer = await script.Send(new HttpMethod(verb), "/" + RouteParameter().Replace(route, $"{Guid.NewGuid()}"), body: null);
                var isRefused = answer.Status == 403 && answer.Text("code") == "insufficient_scope";
                Assert.True(isRefused == (Needed(verb, route) != scope), $"{scope}: {answer.Request} answered {answer.Status} {answer.Body}");
                Assert.NotEqual(401, answer.Status);
            }
        }
    }

    // Said again, not read from the functions: who changes one of them is asked here whether that was meant.
    private static string Needed(string verb, string route) => (verb.ToUpperInvariant(), route) switch
    {
        (_, var path) when path == "api/me" || path.StartsWith("api/me/", StringComparison.Ordinal) || path.StartsWith("api/sessions", StringComparison.Ordinal) || path.StartsWith("api/tokens", StringComparison.Ordinal)
            || path.StartsWith("api/auth/", StringComparison.Ordinal) || path is "api/export" or "api/calendar-token" => "account",
        (_, "api/notifications/negotiate") => "tasks:read",
        (_, var path) when path.StartsWith("api/notification", StringComparison.Ordinal) || path.StartsWith("api/push", StringComparison.Ordinal) => "notifications",
        ("POST", "api/sync" or "api/tasks/search" or "api/recurrence/preview" or "api/mcp") => "tasks:read",
        (_, "api/chat" or "api/chat/{id:guid}" or "api/chat/{id:guid}/approvals") => "tasks:read",
        ("DELETE", "api/tasks/{id:guid}" or "api/trash" or "api/trash/{id:guid}") => "tasks:delete",
        ("GET", _) => "tasks:read",
        _ => "tasks:write",
    };

    private async Task<ApiClient> Client(ApiClient user, params string[] scopes) =>
        new(app.Address, (await user.Post("/api/tokens", new { name = "script", scopes })).Is(201).Text("token"));

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex RouteParameter();

    [Fact]
    public async Task A_device_syncs_what_the_scopes_of_its_token_allow()
    {
        using var alice = await app.SignUp();
        var task = (await alice.Post("/api/tasks", new { title = "Buy milk" })).Is(201).Id;
        using var reader = await Client(alice, "tasks:read");
        using var writer = await Client(alice, "tasks:read", "tasks:write");
        object[] commands =
        [
            new { id = Guid.NewGuid(), type = "complete", task_id = task },
            new { id = Guid.NewGuid(), type = "delete", task_id = task },
            new { id = Guid.NewGuid(), type = "read_notification", args = new { notification_id = Guid.NewGuid() } },
        ];
        var request = new { resources = new[] { "tasks" }, commands };

        (await reader.Post("/api/sync", new { })).IsProblem(403, "insufficient_scope"); // notifications are among what it asks for
        var read = (await reader.Post("/api/sync", request)).Is(200);
        Assert.Equal(["rejected", "rejected", "rejected"], Results(read, "status"));
        Assert.Equal(Enumerable.Repeat("insufficient_scope", 3), read["results"]!.AsArray().Select(result => (string)result!["problem"]!["code"]!));
        Assert.Equal("pending", (string)read["changes"]!["tasks"]![0]!["status"]!);

        var wrote = (await writer.Post("/api/sync", request)).Is(200); // the same commands: a refusal is not kept
        Assert.Equal(["applied", "rejected", "rejected"], Results(wrote, "status"));
        Assert.Equal(["duplicate", "applied", "rejected"], Results((await alice.Post("/api/tasks/batch", new { commands })).Is(200), "status"));
        (await reader.Post("/api/tasks/batch", new { commands })).IsProblem(403, "insufficient_scope");

        static IEnumerable<string> Results(ApiAnswer answer, string field) => answer["results"]!.AsArray().Select(result => (string)result![field]!);
    }

    [Fact]
    public void An_HTTP_function_that_names_no_scope_stops_the_start()
    {
        var error = Assert.Throws<InvalidOperationException>(() => FunctionsSetup.RequireScopes([typeof(Unscoped)]));
        Assert.Equal("The function Unscoped needs either [RequiresScope] or [AllowAnonymous].", error.Message);
        FunctionsSetup.RequireScopes([typeof(Scoped)]);
    }

    public sealed class App : TestApp
    {
        public FakeClock Time { get; } = new();

        public DateTimeOffset Now => Time.GetUtcNow();

        protected override TimeProvider Clock => Time;
    }

    private sealed class Unscoped
    {
        [Function(nameof(Unscoped))]
        public static void Run([HttpTrigger("get", Route = "unscoped")] HttpRequest request) => _ = request;
    }

    private sealed class Scoped
    {
        [Function(nameof(Scoped))]
        [RequiresScope(AccessScopes.TasksRead)]
        public static void Run([HttpTrigger("get", Route = "scoped")] HttpRequest request) => _ = request;
    }
}
