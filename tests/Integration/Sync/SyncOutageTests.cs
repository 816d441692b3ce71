using TodoFlow.Host;
using TodoFlow.Tests.Support;
using Xunit;
using static TodoFlow.Tests.Integration.Sync.SyncRequests;

namespace TodoFlow.Tests.Integration.Sync;

/// <summary>The database fails in the middle of a batch.</summary>
public sealed class SyncOutageTests(SyncOutageTests.ImpatientApp app) : IClassFixture<SyncOutageTests.ImpatientApp>
{
    [Fact]
    public async Task What_fails_for_the_moment_leaves_the_rest_to_be_sent_again()
    {
        using var alice = await app.SignUp();
        var (free, locked) = ((await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id, (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id);
        object[] commands = [Command("complete", free), Command("complete", locked), Command("reopen", free)];
        ApiAnswer stuck;
        await using (var holder = await app.Database.Source.OpenConnectionAsync())
        await using (var holding = await holder.BeginTransactionAsync())
        {
            await using var hold = holder.CreateCommand();
            hold.CommandText = $"select from task_item where id = '{locked}' for update";
            await hold.ExecuteNonQueryAsync();
            stuck = await alice.Sync(null, commands);
        }

        Assert.Equal(["applied", "not_run", "not_run"], stuck.Statuses());
        Assert.Equal("database_unavailable", stuck["results"]![1]!["problem"]!["code"]!.GetValue<string>());
        Assert.Equal(["duplicate", "applied", "applied"], (await alice.Sync(stuck.Token(), commands)).Statuses());
    }

    /// <summary>A host whose statements do not wait for locks for long.</summary>
    public sealed class ImpatientApp : TestApp
    {
        /// <inheritdoc/>
        protected override void Configure(HostApplicationOptions options) =>
            options.Settings["ConnectionStrings:TodoFlow"] = $"{Database.ConnectionString};Options=-c lock_timeout=300ms";
    }
}
