using TodoFlow.Tests.Support;
using Xunit;
using static TodoFlow.Tests.Integration.Sync.SyncRequests;

namespace TodoFlow.Tests.Integration.Sync;

/// <summary>The host's process is killed in the middle of a batch: its commands are there, its answer is not.</summary>
public sealed class SyncCrashTests
{
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Auth:SigningKeys:0:Id"] = "test",
        ["Auth:SigningKeys:0:Key"] = "a signing key of the tests, 32 bytes and more",
        ["Events:Transport"] = "postgres",
        ["Logging:LogLevel:Default"] = "Warning",
        ["Logging:LogLevel:TodoFlow.Host"] = "Information",
    };

    [Fact]
    public async Task A_batch_that_is_repeated_after_a_kill_runs_each_command_once()
    {
        await using var database = await TestPostgres.CreateDatabase();
        var (blocked, tasks) = (Guid.CreateVersion7(), Enumerable.Range(0, 10).Select(_ => Guid.CreateVersion7()).ToArray());
        object[] commands =
        [
            .. tasks.Select(task => Command("create", task, new { title = "a" })),
            .. tasks.Select(task => Command("add_tags", task, new { tags = new[] { "x" } })),
            Command("update", blocked, new { title = "b" }),
            .. tasks.Select(task => Command("complete", task)),
        ];
        string token;
        Task<ApiAnswer> sent;
        await using (var holder = await database.Source.OpenConnectionAsync())
        await using (await holder.BeginTransactionAsync())
        using (var process = Start(database)) // ends by SIGKILL, before the lock is let go: the change that waits for it is never made
        {
            using var nobody = new ApiClient(await process.Serves(), null);
            token = (await nobody.Post("/api/auth/register", new { email = "alice@example.com", password = "correct horse battery" })).Is(201).Text("access_token");
            var alice = new ApiClient(nobody.Address, token);
            (await alice.Post("/api/tasks", new { id = blocked, title = "a" })).Is(201);
            await using var hold = holder.CreateCommand();
            hold.CommandText = $"select from task_item where id = '{blocked}' for update";
            await hold.ExecuteNonQueryAsync();

            sent = alice.Sync(null, commands);
            await database.UntilSomebodyWaitsFor(holder);
        }

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => sent);

        using var again = Start(database);
        using var restarted = new ApiClient(await again.Serves(), token);
        var answer = await restarted.Sync(null, commands);

        Assert.Equal([.. Enumerable.Repeat("duplicate", 20), .. Enumerable.Repeat("applied", 11)], answer.Statuses());
        Assert.Equal([2, 3], answer.Changed().Select(task => task["version"]!.GetValue<int>()).Distinct().Order());
        Assert.Equal(10L, await database.Scalar<long>("select count(*) from task_item where version = 3 and status = 1"));
        Assert.Equal(Enumerable.Repeat("duplicate", 31), (await restarted.Sync(answer.Token(), commands)).Statuses());
    }

    [Fact]
    public async Task An_operator_begins_another_epoch()
    {
        await using var database = await TestPostgres.CreateDatabase();
        var before = await database.Scalar<Guid>("select epoch from sync_epoch");

        using var process = HostProcess.Start(["sync-epoch", "renew"], new Dictionary<string, string>(Settings) { ["ConnectionStrings:TodoFlow"] = database.ConnectionString });

        Assert.Equal(0, (await process.Exited()).ExitCode);
        Assert.NotEqual(before, await database.Scalar<Guid>("select epoch from sync_epoch"));
    }

    private static HostProcess Start(TestDatabase database) =>
        HostProcess.Start(["serve", "--urls", "http://127.0.0.1:0"], new Dictionary<string, string>(Settings) { ["ConnectionStrings:TodoFlow"] = database.ConnectionString });
}
