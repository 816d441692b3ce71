using TodoFlow.Host;
using TodoFlow.Messaging.Outbox;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

/// <summary>How often a request that changes a task waits for PostgreSQL, counted on the wire.</summary>
public sealed class RoundTripTests(RoundTripTests.CountedApp app) : IClassFixture<RoundTripTests.CountedApp>
{
    // Npgsql prepares a statement when it comes for the fifth time.
    private const int WarmUps = 8;

    [Theory]
    [InlineData("title", 2)]
    [InlineData("due_date", 2)]
    [InlineData("tags", 2)]
    [InlineData("complete", 2)]
    [InlineData("reopen", 2)]
    [InlineData("delete", 2)]
    [InlineData("reopen an occurrence", 4)] // the next one is looked for, and locked with it
    [InlineData("complete once", 3)] // the key comes first
    public async Task A_change_of_a_task_with_a_reminder_waits_this_often(string change, int roundTrips)
    {
        using var alice = await app.SignUp();
        for (var i = 0; i < WarmUps; i++)
        {
            await Count(alice, change);
        }

        Assert.Equal(roundTrips, await Count(alice, change));
    }

    [Theory]
    [InlineData("2099-03-10", null, 1)] // with the preferences that are remembered
    [InlineData("2099-03-10T09:00:00Z", null, 1)]
    [InlineData("2099-03-10T09:00:00Z", "k", 3)] // the key comes first, then the preferences
    public async Task A_new_task_with_a_reminder_waits_this_often(string due, string? key, int roundTrips)
    {
        using var alice = await app.SignUp();
        (await alice.Put("/api/notifications/preferences", new { default_reminder_offset = "15 minutes" })).Is(200);
        for (var i = 0; i < WarmUps; i++)
        {
            await Create(i);
        }

        Assert.Equal(roundTrips, await Create(WarmUps));

        async Task<long> Create(int number)
        {
            var before = app.RoundTrips;
            (string, string)[] headers = key is null ? [] : [("Idempotency-Key", $"{key}{number}")];
            var answer = await alice.Post("/api/tasks", new { title = "a", due_date = due }, headers);
            var counted = app.RoundTrips - before;
            Assert.Equal("15 minutes", answer.Is(201).Text("reminder_offset"));
            return counted;
        }
    }

    private async Task<long> Count(ApiClient alice, string change)
    {
        var recurrence = change == "reopen an occurrence" ? "daily" : "none";
        var id = (await alice.Post("/api/tasks", new { title = "a", due_date = "2099-03-10T09:00:00Z", reminder_offset = "15 minutes", recurrence })).Is(201).Id;
        var path = $"/api/tasks/{id}";
        if (change.StartsWith("reopen", StringComparison.Ordinal))
        {
            (await alice.Post($"{path}/complete")).Is(200);
        }

        var before = app.RoundTrips;
        var answer = await (change switch
        {
            "title" => alice.Put(path, new { title = "b" }),
            "due_date" => alice.Put(path, new { due_date = "2099-03-11T09:00:00Z" }),
            "tags" => alice.Post($"{path}/tags", new { tags = new[] { "home" } }),
            "delete" => alice.Delete(path),
            "reopen an occurrence" => alice.Post($"{path}/reopen"),
            "complete once" => alice.Post($"{path}/complete", null, ("Idempotency-Key", $"{id}")),
            _ => alice.Post($"{path}/{change}"),
        });
        var counted = app.RoundTrips - before;
        answer.Is(change == "delete" ? 204 : 200);
        return counted;
    }

    /// <summary>An application before whose database a proxy counts what requests send; its events stay in the outbox.</summary>
    public sealed class CountedApp : TestApp
    {
        private CountingProxy? _proxy;

        /// <summary>The round trips so far.</summary>
        public long RoundTrips => _proxy!.RoundTrips;

        /// <inheritdoc/>
        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            await Host.Services.GetRequiredService<OutboxRelay>().StopAsync(CancellationToken.None); // its round trips are no request's
        }

        /// <inheritdoc/>
        public override async Task DisposeAsync()
        {
            await base.DisposeAsync();
            await _proxy!.DisposeAsync();
        }

        /// <inheritdoc/>
        protected override void Configure(HostApplicationOptions options)
        {
            UndeliveredApp.ServeRequestsOnly(options);
            _proxy = CountingProxy.Before(Database.ConnectionString, out var counted);
            options.Settings["ConnectionStrings:TodoFlow"] = counted;
            options.Settings["Auth:SessionCheckInterval"] = "00:05:00"; // a slow test would ask twice
        }
    }
}
