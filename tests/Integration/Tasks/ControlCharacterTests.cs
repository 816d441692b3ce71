using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Tasks;

/// <summary>Text that nobody sees: refused in titles and tags, left out of descriptions.</summary>
public sealed class ControlCharacterTests(UndeliveredApp app) : IClassFixture<UndeliveredApp>
{
    [Theory]
    [InlineData("\u0001")]
    [InlineData("\u001b[31m")]
    [InlineData("\u007f")]
    [InlineData("\u0085")]
    [InlineData("\v")]
    public async Task Control_characters_are_refused_in_titles_and_tags(string control)
    {
        using var alice = await app.SignUp();
        var id = (await alice.Post("/api/tasks", new { title = "a" })).Is(201).Id;
        var text = $"a{control}b";

        Assert.Equal(["title"], (await alice.Post("/api/tasks", new { title = text })).IsProblem(400, "invalid_request").BadFields);
        Assert.Equal(["title"], (await alice.Put($"/api/tasks/{id}", new { title = text })).IsProblem(400, "invalid_request").BadFields);
        Assert.Equal(["tags"], (await alice.Post("/api/tasks", new { title = "a", tags = new[] { text } })).IsProblem(400, "invalid_request").BadFields);
        Assert.Equal(["tags"], (await alice.Put($"/api/tasks/{id}", new { tags = new[] { text } })).IsProblem(400, "invalid_request").BadFields);
        Assert.Equal(["tags"], (await alice.Post($"/api/tasks/{id}/tags", new { tags = new[] { text } })).IsProblem(400, "invalid_request").BadFields);
    }

    [Fact]
    public async Task Tabs_and_line_breaks_are_kept_and_every_line_break_is_a_line_feed()
    {
        using var alice = await app.SignUp();
        var task = (await alice.Post("/api/tasks", new { title = "a\tb\r\nc\rd\ne\r\n", description = "1\r\n2\r3\n\t4\r\n\r\n" })).Is(201);

        Assert.Equal(("a\tb\nc\nd\ne", "1\n2\n3\n\t4\n\n"), (task.Text("title"), task.Text("description")));
    }

    [Fact]
    public async Task Descriptions_lose_control_characters_before_they_are_counted()
    {
        using var alice = await app.SignUp();
        var longest = string.Concat(Enumerable.Repeat("x\u0001\r\n", 5000)); // 10,000 characters as they are stored
        var task = (await alice.Post("/api/tasks", new { title = "a", description = longest })).Is(201);
        Assert.Equal(string.Concat(Enumerable.Repeat("x\n", 5000)), task.Text("description"));

        var changed = (await alice.Put($"/api/tasks/{task.Id}", new { description = "a\u001b[31mb\u009f\u200d👩‍💻" })).Is(200);
        Assert.Equal("a[31mb\u200d👩‍💻", changed.Text("description"));
        Assert.Equal(["description"], (await alice.Put($"/api/tasks/{task.Id}", new { description = longest + "x" })).Is(400).BadFields);
    }
}
