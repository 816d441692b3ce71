using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Functions.Outbox;
using TodoFlow.Host;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Retention;
using TodoFlow.Messaging.DueWork;
using TodoFlow.Tests.Integration.Realtime;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Limits;

/// <summary>Connections that requests cannot take, and how long a statement of each kind of work may take.</summary>
public sealed class ConnectionPoolTests(ConnectionPoolTests.App app) : IClassFixture<ConnectionPoolTests.App>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private NpgsqlDataSource Requests => app.Host.Services.GetRequiredService<NpgsqlDataSource>();

    private NpgsqlDataSource Background => app.Host.Services.GetRequiredKeyedService<NpgsqlDataSource>(BackgroundAttribute.Pool);

    [Fact]
    public void Both_pools_together_have_as_many_connections_as_the_setting_says()
    {
        var (requests, background) = (Size(Requests), Size(Background));

        Assert.Equal(16, new NpgsqlConnectionStringBuilder(app.Database.ConnectionString).MaxPoolSize);
        Assert.Equal((12, 4), (requests, background)); // of whole connections, three tenths
    }

    [Theory]
    [InlineData("Maximum Pool Size=9", "Maximum Pool Size of ConnectionStrings:TodoFlow must be at least 10.")]
    [InlineData("Maximum Pool Size=0", "Maximum Pool Size of ConnectionStrings:TodoFlow must be at least 10.")]
    public void Fewer_connections_than_background_work_needs_are_refused(string setting, string why)
    {
        using var services = TestPostgres.Services($"{app.Database.ConnectionString};{setting}");
        Assert.Equal([why], Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<NpgsqlDataSource>()).Failures);
    }

    [Fact]
    public async Task While_requests_hold_all_their_connections_a_reminder_fires_and_is_published_and_the_process_is_ready()
    {
        using var alice = await app.SignUp();
        using var probe = app.Anonymous();
        await using var device = await RealtimeApp.Connect(alice);
        var due = DateTimeOffset.UtcNow.AddSeconds(4);
        var task = (await alice.Post("/api/tasks", new { title = "Ring", due_date = due, reminder_offset = "0 minutes" })).Is(201).Id;
        await device.Next("task_update");

        var held = new List<NpgsqlConnection>();
        while (held.Count < Size(Requests))
        {
            held.Add(await Requests.OpenConnectionAsync());
        }

        var waiting = alice.Get("/api/tasks");
        await Eventually.Holds(
            app.Database, $"select exists (select from reminder join outbox on event_id = due_event_id where task_id = '{task}' and published_at is not null)", Patience);

        Assert.True(await app.Database.Scalar<bool>($"select fired_at >= remind_at from reminder where task_id = '{task}'"));
        (await probe.Get("/health/ready").WaitAsync(Patience)).Is(200);
        Assert.False(waiting.IsCompleted);

        held.ForEach(connection => connection.Dispose());
        (await waiting).Is(200);
        Assert.Equal(task, (Guid)(await device.Next("reminder"))["task_id"]!);
    }

    [Fact]
    public async Task While_tokens_that_nobody_made_are_looked_for_others_have_connections()
    {
        using var alice = await app.SignUp();
        await using var connection = await app.Database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("lock table personal_access_token in access exclusive mode", connection))
        {
            await command.ExecuteNonQueryAsync();
        }

        var clients = Enumerable.Range(0, 2 * Size(Requests)).Select(number => new ApiClient(app.Address, $"{PersonalTokens.Prefix}{number:0000000000000000000000000000000000000000}")).ToList();
        var guesses = clients.Select(client => client.Get("/api/tasks")).ToList();
        await Eventually.Holds(app.Database, $"select count(*) = 4 from pg_stat_activity where datname = '{app.Database.Name}' and wait_event_type = 'Lock'", Patience);

        (await alice.Get("/api/tasks").WaitAsync(Patience)).Is(200);

        await transaction.RollbackAsync();
        Assert.All(await Task.WhenAll(guesses), answer => Assert.True(answer.Status is 401 or 503, answer.Body)); // a statement has a second here
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_request_whose_statement_takes_too_long_is_503_and_its_statement_ends()
    {
        using var alice = await app.SignUp();
        var task = (await alice.Post("/api/tasks", new { title = "Buy milk" })).Is(201).Id;
        await using var connection = await app.Database.Source.OpenConnectionAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var command = new NpgsqlCommand($"select from task_item where id = '{task}' for update", connection);
            await command.ExecuteNonQueryAsync();
            var refused = (await alice.Put($"/api/tasks/{task}", new { title = "Buy bread" }).WaitAsync(Patience)).IsProblem(503, "database_unavailable");

            Assert.Contains("took too long", refused.Text("detail"), StringComparison.Ordinal);
            Assert.NotNull(refused.Header("Retry-After"));
            Assert.Equal(0, await app.Database.Scalar<long>($"select count(*) from pg_stat_activity where datname = '{app.Database.Name}' and wait_event_type = 'Lock'"));
        }

        Assert.Equal("Buy milk", (await alice.Get($"/api/tasks/{task}")).Is(200).Text("title"));
    }

    [Fact]
    public async Task Background_work_has_longer_for_a_statement_and_maintenance_longer_still()
    {
        Assert.Equal([1, 2], [Requests.CreateConnection().CommandTimeout, Background.CreateConnection().CommandTimeout]);
        await using (var sleep = Background.CreateCommand("select pg_sleep(60)"))
        {
            Assert.IsType<TimeoutException>((await Assert.ThrowsAsync<NpgsqlException>(() => sleep.ExecuteNonQueryAsync())).InnerException);
        }

        // One that has its own statements, and the function, which prunes what belongs to requests, too.
        await OutlastsALockOf("inbox", () => app.Host.Services.GetRequiredService<History>().Prune(CancellationToken.None));
        await OutlastsALockOf("session", async () =>
        {
            await using var scope = app.Host.Services.CreateAsyncScope();
            await ActivatorUtilities.CreateInstance<PruneHistory>(scope.ServiceProvider).Run(new TimerInfo(), CancellationToken.None);
        });
    }

    // PostgreSQL holds the lock for longer than background work may wait.
    private async Task OutlastsALockOf(string table, Func<Task> work)
    {
        await using var connection = await app.Database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand($"lock table {table} in access exclusive mode", connection);
        await hold.ExecuteNonQueryAsync();
        var working = work();
        await app.Database.UntilSomebodyWaitsForALock($"%{table}%");
        hold.CommandText = "select pg_sleep(3)";
        await hold.ExecuteNonQueryAsync();
        Assert.False(working.IsCompleted, $"{working.Exception}");
        await transaction.RollbackAsync();
        await working.WaitAsync(Patience);
    }

    private static int Size(NpgsqlDataSource pool) => new NpgsqlConnectionStringBuilder(pool.ConnectionString).MaxPoolSize;

    public sealed class App : TestApp
    {
        protected override void Configure(HostApplicationOptions options)
        {
            // A request that waits for a connection waits for longer than any step of a test takes.
            options.Settings["ConnectionStrings:TodoFlow"] = $"{Database.ConnectionString};Timeout=600";
            options.Settings["Database:RequestTimeout"] = "00:00:01";
            options.Settings["Database:BackgroundTimeout"] = "00:00:02";
        }
    }
}
