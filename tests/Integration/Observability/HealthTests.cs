using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Observability;

/// <summary>What health, readiness, liveness and startup say, each for its own question.</summary>
public sealed class HealthTests(HealthTests.App app) : IClassFixture<HealthTests.App>
{
    [Fact]
    public async Task An_outbox_that_is_not_published_is_said_with_its_reason_and_requests_go_on()
    {
        using var alice = await app.SignUp(); // the first use of the database takes longest
        using var anonymous = app.Anonymous();
        var well = (await anonymous.Get("/health")).Is(200);
        Assert.Equal("healthy", well.Text("status"));
        Assert.Equal("healthy", well["parts"]!["outbox"]!["status"]!.GetValue<string>());

        // Another process' relay holds it up, on a shard of the log; its rows are two minutes old.
        await using var connection = await app.Database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand("select pg_advisory_xact_lock(7304564, -1)", connection);
        await hold.ExecuteNonQueryAsync();
        await app.Database.Execute(
            $"""
            insert into outbox (event_id, topic, key, shard, payload, created_at)
            values ('{Guid.CreateVersion7()}', 'task-events', 'k', 0, '\x00', '{app.Now.AddSeconds(-120.5):O}')
            """);
        app.Advance(TimeSpan.FromSeconds(6));

        var degraded = (await anonymous.Get("/health")).Is(200);
        Assert.Equal("degraded", degraded.Text("status"));
        Assert.Equal("degraded", degraded["parts"]!["outbox"]!["status"]!.GetValue<string>());
        Assert.Equal("The oldest of 1 events has waited for 126 s to be published.", degraded["parts"]!["outbox"]!["reason"]!.GetValue<string>());
        (await anonymous.Get("/health/ready")).Is(200);

        await app.Database.Execute("delete from outbox");
    }

    [Fact]
    public async Task A_full_disk_of_the_database_degrades_health_until_nothing_was_refused_for_a_minute()
    {
        using var alice = await app.SignUp();
        await app.Database.Execute(
            """
            create function full_disk() returns trigger language plpgsql as $$ begin raise exception 'A message' using errcode = '53100'; end $$;
            create trigger full_disk before insert on task_item for each row execute function full_disk();
            """);
        (await alice.Post("/api/tasks", new { title = "one too many" })).IsProblem(503, "database_unavailable");

        app.Advance(TimeSpan.FromSeconds(2));
        var full = (await alice.Get("/health")).Is(200);
        Assert.Equal("degraded", full.Text("status"));
        Assert.Equal("Its disk is full: changes are refused.", full["parts"]!["postgresql"]!["reason"]!.GetValue<string>());
        (await alice.Get("/health/ready")).Is(200);

        await app.Database.Execute("drop function full_disk cascade");
        (await alice.Post("/api/tasks", new { title = "there is room again" })).Is(201);
        await app.Database.Execute("delete from outbox"); // what the relay has yet to publish would be a minute old
        app.Advance(TimeSpan.FromMinutes(1));
        var well = (await alice.Get("/health")).Is(200);
        Assert.Equal("healthy", well.Text("status"));
        Assert.Equal("healthy", well["parts"]!["postgresql"]!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task However_many_ask_the_database_is_asked_once_a_second()
    {
        using var anonymous = app.Anonymous();
        app.Advance(TimeSpan.FromSeconds(2));
        var before = app.Part.Asked;
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 50).Select(number => anonymous.Get(number % 2 == 0 ? "/health" : "/health/ready"))), answer => answer.Is(200));
        Assert.Equal(before + 1, app.Part.Asked);

        app.Advance(TimeSpan.FromSeconds(1));
        await anonymous.Get("/health");
        Assert.Equal(before + 2, app.Part.Asked);
    }

    /// <summary>An application on a clock of the test's.</summary>
    public sealed class App : TestApp
    {
        private readonly FakeClock _clock = new(DateTimeOffset.UtcNow);

        public DateTimeOffset Now => _clock.GetUtcNow();

        protected override TimeProvider Clock => _clock;

        public void Advance(TimeSpan by) => _clock.Advance(by);

        public CountingPart Part { get; } = new();

        protected override void Configure(HostApplicationOptions options) => options.AddServices += (services, _) => services.AddHealthChecks().AddCheck("counting", Part);
    }

    /// <summary>A part that counts how often it is asked.</summary>
    public sealed class CountingPart : IHealthCheck
    {
        private int _asked;

        public int Asked => _asked;

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _asked);
            return Task.FromResult(HealthCheckResult.Healthy());
        }
    }
}

/// <summary>Instances whose database is not there, or not migrated yet.</summary>
public sealed class HealthOfAnUnreadyInstanceTests(CutOffApp app) : IClassFixture<CutOffApp>
{
    [Fact]
    public async Task Startup_is_over_once_and_for_all_while_readiness_comes_and_goes()
    {
        using var anonymous = app.Anonymous();
        app.Wire.Cut();
        var before = (await anonymous.Get("/health/startup")).Is(503);
        Assert.Equal("unhealthy", before.Text("status"));
        Assert.Equal("It cannot be reached.", before["parts"]!["postgresql"]!["reason"]!.GetValue<string>());
        Assert.DoesNotContain("Host=", before.Body, StringComparison.Ordinal);
        (await anonymous.Get("/health/live")).Is(200);

        app.Wire.Mend();
        app.ASecondPasses();
        (await anonymous.Get("/health/startup")).Is(200);

        app.Wire.Cut();
        app.ASecondPasses();
        (await anonymous.Get("/health/ready")).Is(503);
        (await anonymous.Get("/health/startup")).Is(200);
        (await anonymous.Get("/health/live")).Is(200);
        app.Wire.Mend();
    }
}
