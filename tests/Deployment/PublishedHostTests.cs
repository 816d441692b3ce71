using System.Diagnostics;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Deployment;

/// <summary>The published standalone host, by itself and as one group of several.</summary>
public sealed class PublishedHostTests : IAsyncLifetime
{
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestPostgres.CreateDatabase();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task It_serves_from_an_empty_folder_as_a_user_without_rights_on_a_read_only_root()
    {
        var (user, written) = await Probe();
        Assert.NotEqual("0", user);
        Assert.Equal("read-only", written);

        using var host = await PublishedHost.Start(["serve", "--urls", "http://127.0.0.1:0"], Settings());
        using var client = await SignUp(await host.Serves());
        var task = (await client.Post("/api/tasks", new { title = "a" })).Is(201);
        Assert.Equal("healthy", (await client.Get("/health/ready")).Is(200).Text("status"));
        await Until($"select count(*) = 1 from audit_entry where task_id = '{task.Id}'");

        host.Terminate();
        var (exitCode, _, errors) = await host.Exited();
        Assert.Equal(0, exitCode);
        Assert.Empty(errors);
    }

    [ToolFact("curl")]
    public async Task The_charts_own_test_passes_and_leaves_nothing_behind()
    {
        using var host = await PublishedHost.Start(["serve", "--urls", "http://127.0.0.1:0"], Settings());
        var address = await host.Serves();

        var (exitCode, output, errors) = await Tool.Run(
            "sh", ["-euc", Repository.Read("helm/todoflow/test-occurrence.sh")], environment: new Dictionary<string, string> { ["URL"] = address.GetLeftPart(UriPartial.Authority) });

        Assert.True(exitCode == 0, output + errors);
        Assert.Contains("The next occurrence is there.", output, StringComparison.Ordinal);
        Assert.Equal(0L, await _database.Scalar<long>("select (select count(*) from app_user) + (select count(*) from task_item)"));
    }

    [Fact]
    public async Task With_only_its_group_the_api_consumes_nothing_and_recurrence_serves_nothing_but_its_health()
    {
        using var api = await PublishedHost.Start(["serve", "--urls", "http://127.0.0.1:0"], Settings(PublishedHost.FunctionsOf("api")));
        using var client = await SignUp(await api.Serves());
        var task = (await client.Post("/api/tasks", new { title = "a", due_date = "2030-01-31", recurrence = "monthly" })).Is(201);
        (await client.Post($"/api/tasks/{task.Id}/complete")).Is(200);
        await Until("select count(*) = 0 from outbox where published_at is null"); // it relays what it announced itself
        Assert.Equal(0L, await _database.Scalar<long>("select (select count(*) from inbox) + (select count(*) from consumer_cursor)"));

        using var recurrence = await PublishedHost.Start(["serve", "--urls", "http://127.0.0.1:0"], Settings(PublishedHost.FunctionsOf("recurrence")));
        using var other = new ApiClient(await recurrence.Serves(), client.Token);
        await Until($"select count(*) = 1 from task_item where parent_task_id = '{task.Id}'");

        (await other.Get("/health/live")).Is(200);
        (await other.Get("/health/ready")).Is(200);
        (await other.Get("/api/tasks")).Is(404);
        Assert.Equal(["todoflow-recurrence"], await _database.Column<string>("select distinct group_name from consumer_cursor"));
        Assert.Equal(0L, await _database.Scalar<long>("select count(*) from audit_entry"));
    }

    [Fact]
    public async Task Eight_migrations_at_once_migrate_once()
    {
        await using var empty = await TestPostgres.CreateEmptyDatabase();
        var settings = new Dictionary<string, string> { ["ConnectionStrings:TodoFlow"] = empty.ConnectionString };
        var processes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PublishedHost.Start(["migrate"], settings)));
        var ended = await Task.WhenAll(processes.Select(process => process.Exited()));
        Array.ForEach(processes, process => process.Dispose());

        Assert.All(ended, process => Assert.True(process.ExitCode == 0, process.Errors)); // a table that is created twice is an error
        Assert.Equal(
            await _database.Column<string>("select migration_id from schema_migration order by 1"), await empty.Column<string>("select migration_id from schema_migration order by 1"));
        Assert.Equal(
            await _database.Scalar<long>("select count(*) from information_schema.columns where table_schema = 'public'"),
            await empty.Scalar<long>("select count(*) from information_schema.columns where table_schema = 'public'"));
    }

    /// <summary>Who the host is in its container's place, and whether it could write outside /tmp.</summary>
    private static async Task<(string User, string Written)> Probe()
    {
        var start = await PublishedHost.Contained("sh", ["-c", "id -u; if touch app/probe /probe 2>/dev/null; then echo written; else echo read-only; fi"]);
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n');
        await process.WaitForExitAsync();
        return (lines[0], lines[1]);
    }

    private static async Task<ApiClient> SignUp(Uri address)
    {
        using var anonymous = new ApiClient(address, null);
        return new ApiClient(address, (await anonymous.Post("/api/auth/register", new { email = "ada@example.com", password = "correct horse battery" })).Is(201).Text("access_token"));
    }

    private Dictionary<string, string> Settings(params IEnumerable<KeyValuePair<string, string>> more) => new(
    [
        new("ConnectionStrings:TodoFlow", _database.ConnectionString),
        new("Auth:SigningKeys:0:Id", "test"),
        new("Auth:SigningKeys:0:Key", "a signing key of the tests, 32 bytes and more"),
        new("Events:Transport", "postgres"),
        .. more,
    ]);

    private Task Until(string condition) => Eventually.Holds(_database, condition);
}
