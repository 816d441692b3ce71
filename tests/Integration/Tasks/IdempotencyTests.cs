using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

public class IdempotencyTests(TestApp app) : IClassFixture<TestApp>
{
    [Fact]
    public async Task The_same_key_and_body_gets_the_first_answer_again()
    {
        using var alice = await app.SignUp();
        var key = ("Idempotency-Key", "order-1");

        var first = (await alice.Post("/api/tasks", new { title = "a" }, key)).Is(201);
        var again = (await alice.Post("/api/tasks", new { title = "a" }, key)).Is(201);

        Assert.Equal(first.Body, again.Body);
        Assert.Equal(first.Header("ETag"), again.Header("ETag"));
        Assert.Equal(first.Header("Location"), again.Header("Location"));
        Assert.Equal(first.Header("Content-Type"), again.Header("Content-Type"));
        Assert.Null(first.Header("Idempotency-Replayed"));
        Assert.Equal("true", again.Header("Idempotency-Replayed"));
        Assert.Single((await alice.Get("/api/tasks")).Json.AsArray());
    }

    [Fact]
    public async Task The_same_key_with_another_request_is_refused()
    {
        using var alice = await app.SignUp();
        var key = ("Idempotency-Key", "order-1");
        var id = (await alice.Post("/api/tasks", new { title = "a" }, key)).Is(201).Id;

        (await alice.Post("/api/tasks", new { title = "b" }, key)).IsProblem(422, "idempotency_key_reused");
        (await alice.Post($"/api/tasks/{id}/complete", null, key)).IsProblem(422, "idempotency_key_reused");
    }

    [Fact]
    public async Task A_clients_id_that_is_taken_is_a_conflict_with_a_key_too_and_its_own_create_a_replay()
    {
        using var alice = await app.SignUp();
        using var bob = await app.SignUp();
        var id = Guid.CreateVersion7();
        (await alice.Post("/api/tasks", new { id, title = "a" }, ("Idempotency-Key", "1"))).Is(201);

        (await alice.Post("/api/tasks", new { id, title = "b" }, ("Idempotency-Key", "2"))).IsProblem(409, "task_id_taken");
        (await bob.Post("/api/tasks", new { id, title = "a", due_date = "2030-01-31" }, ("Idempotency-Key", "1"))).IsProblem(409, "task_id_taken");
        Assert.Equal(id, (await alice.Post("/api/tasks", new { id, title = "a" }, ("Idempotency-Key", "3"))).Is(201).Id);
        Assert.Single((await alice.Get("/api/tasks")).Json.AsArray());
    }

    [Fact]
    public async Task Keys_of_different_users_are_different_keys()
    {
        using var alice = await app.SignUp();
        using var bob = await app.SignUp();

        var first = (await alice.Post("/api/tasks", new { title = "a" }, ("Idempotency-Key", "1"))).Is(201);
        var second = (await bob.Post("/api/tasks", new { title = "a" }, ("Idempotency-Key", "1"))).Is(201);

        Assert.NotEqual(first.Id, second.Id);
    }

    [Fact]
    public async Task Repeats_at_the_same_time_have_one_effect()
    {
        using var alice = await app.SignUp();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => alice.Post("/api/tasks", new { title = "a" }, ("Idempotency-Key", "race"))));

        Assert.Single(answers.Select(answer => answer.Is(201).Id).Distinct());
        Assert.Single((await alice.Get("/api/tasks")).Json.AsArray());
    }

    [Fact]
    public async Task A_refused_request_keeps_no_answer()
    {
        using var alice = await app.SignUp();
        var key = ("Idempotency-Key", "fix-me");

        (await alice.Post("/api/tasks", new { title = "" }, key)).Is(400);

        (await alice.Post("/api/tasks", new { title = "now right" }, key)).Is(201);
    }

    [Fact]
    public async Task After_a_day_the_key_is_free_again()
    {
        using var alice = await app.SignUp();
        var key = ("Idempotency-Key", "daily");
        var first = (await alice.Post("/api/tasks", new { title = "a" }, key)).Is(201);

        await app.Database.Execute("update idempotent_response set created_at = created_at - interval '24 hours 1 second'");

        Assert.NotEqual(first.Id, (await alice.Post("/api/tasks", new { title = "b" }, key)).Is(201).Id);
    }

    [Fact]
    public async Task A_repeated_completion_replays_even_after_a_reopen()
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;
        var key = ("Idempotency-Key", "done-1");

        (await alice.Post($"/api/tasks/{id}/complete", null, key)).Is(200);
        (await alice.Post($"/api/tasks/{id}/reopen")).Is(200);
        (await alice.Post($"/api/tasks/{id}/complete", null, key)).Is(200);

        Assert.Equal("pending", (await alice.Get($"/api/tasks/{id}")).Text("status"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("\"tab\there\"")]
    public async Task A_malformed_key_is_named(string key)
    {
        using var alice = await app.SignUp();

        var answer = await alice.Post("/api/tasks", new { title = "a" }, ("Idempotency-Key", key));

        Assert.Equal(["Idempotency-Key"], answer.Is(400).BadFields);
    }
}
