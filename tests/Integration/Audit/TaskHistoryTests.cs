using TodoFlow.Infrastructure.Audit;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Audit;

public sealed class TaskHistoryTests(UndeliveredApp app) : IClassFixture<UndeliveredApp>
{
    [Fact]
    public async Task A_tasks_history_tells_what_happened_oldest_first_also_when_it_is_gone()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "phone" }, ("X-Correlation-Id", "my-request-1"))).Is(201).Id;
        await alice.Put($"/api/tasks/{id}", new { title = "laptop", version = 1 });
        await alice.Put($"/api/tasks/{id}", new { title = "tablet", version = 1 });
        await alice.Post($"/api/tasks/{id}/complete");
        (await alice.Delete($"/api/tasks/{id}")).Is(204);
        await RecordAll();

        var history = (await alice.Get($"/api/tasks/{id}/history")).Is(200).Json.AsArray();

        Assert.Equal(
            ["task.created.v1", "task.updated.v1", "task.updated.v1", "task.completed.v1", "task.deleted.v1"],
            history.Select(entry => entry!["event_type"]!.GetValue<string>()));
        Assert.Equal("my-request-1", history[0]!["correlation_id"]!.GetValue<string>());
        Assert.Empty(history[0]!["changes"]!.AsArray());
        Assert.False(history[1]!.AsObject().ContainsKey("conflict"));
        Assert.Equal("phone", history[1]!["changes"]![0]!["old"]!.GetValue<string>());
        Assert.Equal("laptop", history[2]!["conflict"]!["overwritten"]![0]!["old"]!.GetValue<string>());

        var page = (await alice.Get($"/api/tasks/{id}/history?limit=2&offset=3")).Is(200).Json.AsArray();
        Assert.Equal(history.Skip(3).Select(entry => entry!.ToJsonString()), page.Select(entry => entry!.ToJsonString()));
    }

    [Fact]
    public async Task A_task_of_which_nothing_is_recorded_yet_has_an_empty_history()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;

        Assert.Empty((await alice.Get($"/api/tasks/{id}/history")).Is(200).Json.AsArray());
    }

    [Fact]
    public async Task Another_users_history_is_not_found()
    {
        using var alice = await app.SignUp();
        using var bob = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;
        await RecordAll();

        (await bob.Get($"/api/tasks/{id}/history")).IsProblem(404, "task_not_found");
        (await bob.Get($"/api/tasks/{Guid.NewGuid()}/history")).IsProblem(404, "task_not_found");
        using var nobody = app.Anonymous();
        (await nobody.Get($"/api/tasks/{id}/history")).Is(401);
    }

    [Fact]
    public async Task A_users_history_goes_with_the_user()
    {
        using var alice = await app.SignUp();
        await alice.Post("/api/tasks", new { title = "a" });
        await RecordAll();
        var me = (await alice.Get("/api/me")).Is(200).Text("id");
        Assert.NotEqual(0, await app.Database.Scalar<long>($"select count(*) from audit_entry where user_id = '{me}'"));

        (await alice.Delete("/api/me", new { password = "correct horse battery" })).Is(204);

        Assert.Equal(0, await app.Database.Scalar<long>($"select count(*) from audit_entry where user_id = '{me}'"));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("offset=-1", "offset")]
    public async Task A_wrong_page_is_named(string query, string field)
    {
        using var alice = await app.SignUp();
        Assert.Equal([field], (await alice.Get($"/api/tasks/{Guid.NewGuid()}/history?{query}")).Is(400).BadFields);
    }

    private Task RecordAll() => app.Deliver<AuditTrail>();
}
