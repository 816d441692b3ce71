using TodoFlow.Tests.Support;
using TodoFlow.Tests.Support.FunctionsHost;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

/// <summary>In the standalone host.</summary>
public sealed class TaskAccessTests(TestApp app) : TaskAccessTest(app), IClassFixture<TestApp>;

/// <summary>Under the double of the Functions host.</summary>
[Collection(FunctionsHostTests.Name)]
public sealed class FunctionsHostTaskAccessTests(FunctionsApp app) : TaskAccessTest(app);

/// <summary>The deny side of every task route: without a token, and with somebody else's.</summary>
public abstract class TaskAccessTest(TestApp app)
{
    private static readonly (string Method, string Path, string? Body)[] OfOneTask =
    [
        ("GET", "/api/tasks/{id}", null),
        ("PUT", "/api/tasks/{id}", """{"title": "mine now"}"""),
        ("DELETE", "/api/tasks/{id}", null),
        ("POST", "/api/tasks/{id}/complete", null),
        ("POST", "/api/tasks/{id}/reopen", null),
        ("POST", "/api/tasks/{id}/skip", null),
        ("PUT", "/api/tasks/{id}/priority", """{"priority": "low"}"""),
        ("POST", "/api/tasks/{id}/tags", """{"tags": ["mine"]}"""),
        ("DELETE", "/api/tasks/{id}/tags", """{"tags": ["hers"]}"""),
    ];

    public static TheoryData<string, string, string?> Routes()
    {
        var routes = new TheoryData<string, string, string?>
        {
            { "GET", "/api/tasks", null },
            { "POST", "/api/tasks", """{"title": "x"}""" },
            { "POST", "/api/tasks/quick", """{"text": "x"}""" },
            { "POST", "/api/tasks/search", """{"query": "x"}""" },
        };
        foreach (var (method, path, body) in OfOneTask)
        {
            routes.Add(method, path, body);
        }

        return routes;
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Without_a_token_it_is_401(string method, string path, string? body)
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "hers", tags = new[] { "hers" } })).Is(201).Id;
        using var nobody = app.Anonymous();
        using var forger = new ApiClient(app.Address, "not.a.token");

        foreach (var client in new[] { nobody, forger })
        {
            var answer = await Call(client, method, path, body, id);
            answer.Is(401);
            Assert.StartsWith("Bearer", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
        }

        Assert.Equal("\"1\"", (await alice.Get($"/api/tasks/{id}")).Header("ETag"));
    }

    [Fact]
    public async Task Somebody_elses_task_is_404_on_every_route_and_stays_as_it_is()
    {
        using var alice = await app.SignUp();
        using var mallory = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "hers", tags = new[] { "hers" } })).Is(201).Id;

        foreach (var (method, path, body) in OfOneTask)
        {
            var theirs = await Call(mallory, method, path, body, id);
            var missing = await Call(mallory, method, path, body, Guid.CreateVersion7());
            theirs.IsProblem(404, "task_not_found");
            Assert.Equal(missing.Text("detail"), theirs.Text("detail"));
        }

        Assert.Empty((await mallory.Get("/api/tasks")).Is(200).Json.AsArray());
        Assert.Equal(0, (await mallory.Post("/api/tasks/search", new { query = "hers" })).Is(200)["total_count"]!.GetValue<int>());
        Assert.Equal("\"1\"", (await alice.Get($"/api/tasks/{id}")).Is(200).Header("ETag"));
    }

    private static Task<ApiAnswer> Call(ApiClient client, string method, string path, string? body, Guid id) => client.Send(
        new HttpMethod(method),
        path.Replace("{id}", id.ToString(), StringComparison.Ordinal),
        body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
}
