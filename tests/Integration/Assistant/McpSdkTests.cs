using System.Text.Json.Nodes;
using TodoFlow.Tests.Support;
using TodoFlow.Tests.Support.FunctionsHost;
using Xunit;

namespace TodoFlow.Tests.Integration.Assistant;

/// <summary>In the standalone host.</summary>
public sealed class McpSdkTests(TestApp app) : McpSdkTest(app), IClassFixture<TestApp>;

/// <summary>Under the double of the Functions host.</summary>
[Collection(FunctionsHostTests.Name)]
public sealed class FunctionsHostMcpSdkTests(FunctionsApp app) : McpSdkTest(app);

/// <summary>The official TypeScript SDK goes through every tool.</summary>
public abstract class McpSdkTest(TestApp app)
{
    [NodeFact]
    public async Task The_TypeScript_SDK_goes_through_every_tool()
    {
        using var alice = await app.SignUp();
        var token = (await alice.Post("/api/tokens", new { name = "assistant", scopes = new[] { "tasks:read", "tasks:write", "tasks:delete" } })).Is(201).Text("token");

        var seen = JsonNode.Parse(await NodeProgram.Run("tests/Support/McpSdk", "tools.mjs", "", new Uri(app.Address, "/api/mcp").AbsoluteUri, token))!;

        Assert.Equal("todoflow", (string)seen["server"]!);
        Assert.True((bool)seen["instructions"]!);
        Assert.Equal(11, seen["tools"]!.AsArray().Count);
        Assert.Equal(seen["tools"]!.AsArray().Select(tool => (string)tool!).Order(), seen["seen"]!.AsArray().Select(tool => (string)tool!).Distinct().Order());
        Assert.Equal("Tuesday", (string)seen["weekday"]!);
        Assert.Equal(("Of the SDK", "weekly", "high"), ((string)seen["restored"]!["title"]!, (string)seen["restored"]!["recurrence"]!, (string)seen["restored"]!["priority"]!));
        Assert.Equal("task_not_found", (string)seen["deleted"]!);
        Assert.Equal(1, (int)(await new McpCaller(alice).Call("get_overview", new { }))["counts"]!["open"]!);
    }
}
