using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;
using Xunit;

namespace TodoFlow.Tests.Integration.Assistant;

/// <summary>The command line of the MCP Inspector goes through every tool, in each generation of the protocol that it speaks.</summary>
public sealed class McpInspectorTests(TestApp app) : IClassFixture<TestApp>
{
    [NodeTheory]
    [InlineData("legacy", "2025-11-25")] // with a handshake
    [InlineData("modern", "2026-07-28")] // without
    public async Task The_Inspector_goes_through_every_tool_that_its_token_allows(string era, string version)
    {
        using var alice = await app.SignUp();
        var token = await Token("tasks:read", "tasks:write", "tasks:delete");
        var reader = await Token("tasks:read");

        var seen = JsonNode.Parse(await NodeProgram.Run("tests/Support/McpInspector", "inspector.mjs", "", new Uri(app.Address, "/api/mcp").AbsoluteUri, era, token, reader))!;

        Assert.Equal(("todoflow", version), ((string)seen["server"]!["serverInfo"]!["name"]!, (string)seen["server"]!["protocolVersion"]!));
        Assert.Equal(11, seen["tools"]!.AsArray().Count);
        Assert.Equal(0, (int)seen["portable"]!); // no schema that other clients would stumble over
        Assert.Equal(Texts(seen["tools"]!).Order(), Texts(seen["seen"]!).Order());
        Assert.Equal(("Of the Inspector", "weekly", "high", "Tuesday"), (
            (string)seen["restored"]!["title"]!, (string)seen["restored"]!["recurrence"]!, (string)seen["restored"]!["priority"]!, (string)seen["restored"]!["due_weekday"]!));
        Assert.Equal((5, "task_not_found"), ((int)seen["missing"]![0]!, (string)JsonNode.Parse((string)seen["missing"]![1]!)!["error"]!["code"]!));

        Assert.Equal(["get_overview", "find_tasks", "get_task"], Texts(seen["readerTools"]!));
        Assert.Equal(["3 auth_required", "3 auth_required", "3 auth_required", "5 tool_not_found", "5 tool_not_found"], Texts(seen["denied"]!));
        Assert.Equal(1, (int)(await new McpCaller(alice).Call("get_overview", new { }))["counts"]!["open"]!); // nothing more was added, nor deleted

        async Task<string> Token(params string[] scopes) => (await alice.Post("/api/tokens", new { name = "assistant", scopes })).Is(201).Text("token");
    }

    private static IEnumerable<string> Texts(JsonNode array) => array.AsArray().Select(text => (string)text!);
}
