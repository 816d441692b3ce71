using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

/// <summary>The tags that lists are found by are those of the tasks, whatever happens to a task.</summary>
public class TaskTagTests(TestApp app) : IClassFixture<TestApp>
{
    private const string Differences =
        """
        with kept as (select user_id, tag, created_at, task_id, due_at from task_tag),
            wanted as (select user_id, tag, created_at, id, due_at from task_item, unnest(tags) as tag)
        select count(*) from ((table kept except all table wanted) union all (table wanted except all table kept)) as differences
        """;

    [Fact]
    public async Task Tags_follow_what_happens_to_a_task()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a", tags = new[] { "home", "errands" } })).Is(201).Text("id");
        Assert.Equal(id, await Listed(alice, "tags=home"));

        (await alice.Put($"/api/tasks/{id}", new { tags = new[] { "errands", "work" } })).Is(200);
        Assert.Equal("", await Listed(alice, "tags=home"));
        Assert.Equal(id, await Listed(alice, "tags=work"));

        (await alice.Post($"/api/tasks/{id}/tags", new { tags = new[] { "late" } })).Is(200);
        (await alice.Post($"/api/tasks/{id}/complete", new { })).Is(200);
        Assert.Equal(id, await Listed(alice, "tags=late,work&status=completed"));
        Assert.Equal(id, await Listed(alice, "tags_any=late,work,home"));
        Assert.Equal(0, await app.Database.Scalar<long>(Differences));

        (await alice.Put($"/api/tasks/{id}", new { due_date = "2026-12-24T18:00:00Z" })).Is(200);
        Assert.Equal(id, await Listed(alice, "tags=late,work&sort_by=due_date&due_after=2026-12-24T17:00:00Z"));
        Assert.Equal(0, await app.Database.Scalar<long>(Differences));

        (await alice.Delete($"/api/tasks/{id}")).Is(204);
        Assert.Equal("", await Listed(alice, "tags_any=late,work,home"));
        Assert.Equal(0, await app.Database.Scalar<long>(Differences));
    }

    [Fact]
    public async Task Nobody_else_finds_a_task_by_its_tags()
    {
        using var alice = await app.SignUp();
        using var mallory = await app.SignUp();
        (await alice.Post("/api/tasks", new { title = "a", tags = new[] { "secret" } })).Is(201);

        Assert.NotEqual("", await Listed(alice, "tags=secret"));
        Assert.Equal("", await Listed(mallory, "tags=secret"));
        Assert.Equal("", await Listed(mallory, "tags_any=secret,other"));
    }

    [Fact]
    public async Task No_tag_outlives_its_user()
    {
        using var alice = await app.SignUp();
        var me = (await alice.Get("/api/me")).Is(200).Text("id");
        (await alice.Post("/api/tasks", new { title = "a", tags = new[] { "home" } })).Is(201);

        (await alice.Delete("/api/me")).Is(204);

        Assert.Equal(0, await app.Database.Scalar<long>($"select count(*) from task_tag where user_id = '{me}'"));
    }

    private static async Task<string> Listed(ApiClient user, string filter) =>
        string.Join(',', (await user.Get($"/api/tasks?{filter}")).Is(200).Json.AsArray().Select(task => task!["id"]!.GetValue<string>()));
}
