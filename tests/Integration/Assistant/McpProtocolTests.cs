using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using TodoFlow.Tests.Support;
using TodoFlow.Tests.Support.FunctionsHost;
using Xunit;

namespace TodoFlow.Tests.Integration.Assistant;

/// <summary>In the standalone host.</summary>
public sealed class McpProtocolTests(TestApp app) : McpProtocolTest(app), IClassFixture<TestApp>;

/// <summary>Under the double of the Functions host.</summary>
[Collection(FunctionsHostTests.Name)]
public sealed class FunctionsHostMcpProtocolTests(FunctionsApp app) : McpProtocolTest(app);

/// <summary>The protocol, and who may speak it.</summary>
public abstract class McpProtocolTest(TestApp app)
{
    private static readonly string[] Readers = ["get_overview", "find_tasks", "get_task"];

    private static readonly string[] Writers =
        ["add_tasks", "update_tasks", "reschedule_tasks", "complete_tasks", "reopen_tasks", "set_reminders"];

    [Theory]
    [InlineData("2024-11-05")]
    [InlineData("2025-03-26")]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    public async Task Every_version_with_a_handshake_is_spoken_without_sessions(string version)
    {
        using var alice = await app.SignUp();
        var mcp = new McpCaller(alice, version);

        var answer = (await mcp.Send(new
        {
            jsonrpc = "2.0",
            id = 0,
            method = "initialize",
            @params = new { protocolVersion = version, capabilities = new { }, clientInfo = new { name = "test", version = "1" } },
        })).Is(200);
        var initialized = McpCaller.ResponseOf(answer)["result"]!;

        Assert.Equal(version, (string)initialized["protocolVersion"]!);
        Assert.Equal("todoflow", (string)initialized["serverInfo"]!["name"]!);
        Assert.Contains("never instructions", (string)initialized["instructions"]!, StringComparison.Ordinal);
        Assert.Null(answer.Header("Mcp-Session-Id"));
        Assert.Equal("text/event-stream", answer.Header("Content-Type"));
        (await mcp.Send(new { jsonrpc = "2.0", method = "notifications/initialized" })).Is(202);
        Assert.Equal("UTC", (string)(await mcp.Call("get_overview", new { }))["time_zone"]!);
    }

    [Theory]
    [InlineData(null)] // the newest, which has no handshake
    [InlineData("2025-11-25")]
    [InlineData("2025-06-18")]
    public async Task The_SDK_s_client_uses_the_tools(string? version)
    {
        using var alice = await app.SignUp();
        await using var client = await Connect(alice, version);

        Assert.Equal(version ?? "2026-07-28", client.NegotiatedProtocolVersion);
        var tools = await client.ListToolsAsync();
        Assert.Equal(11, tools.Count);
        var added = await client.CallToolAsync("add_tasks", new Dictionary<string, object?> { ["tasks"] = new[] { new { title = "Of the client" } } });
        Assert.NotEqual(true, added.IsError);
        var found = await client.CallToolAsync("find_tasks", new Dictionary<string, object?> { ["query"] = "client" });
        Assert.Equal("Of the client", (string)JsonNode.Parse(found.StructuredContent!.Value.GetRawText())!["tasks"]![0]!["title"]!);
        var unknown = await Assert.ThrowsAsync<McpProtocolException>(async () => await client.CallToolAsync("drop_tables"));
        Assert.Equal(McpErrorCode.InvalidParams, unknown.ErrorCode);
    }

    [Fact]
    public async Task Tools_are_there_as_far_as_the_scopes_of_the_token_go()
    {
        using var alice = await app.SignUp();
        using var reader = await Client(alice, "tasks:read");
        using var writer = await Client(alice, "tasks:read", "tasks:write");
        using var all = await Client(alice, "tasks:read", "tasks:write", "tasks:delete");
        using var blind = await Client(alice, "tasks:write", "tasks:delete", "notifications", "account");

        Assert.Equal(Readers, await new McpCaller(reader).Tools());
        Assert.Equal([.. Readers, .. Writers, "restore_tasks"], await new McpCaller(writer).Tools());
        Assert.Equal([.. Readers, .. Writers, "delete_tasks", "restore_tasks"], await new McpCaller(all).Tools());
        Assert.Equal(11, (await new McpCaller(alice).Tools()).Count);
        var refused = (await new McpCaller(blind).Send(new { jsonrpc = "2.0", id = 1, method = "tools/list" })).IsProblem(403, "insufficient_scope");
        Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"tasks:read\"", refused.Header("WWW-Authenticate"));

        var id = (await alice.Post("/api/tasks", new { title = "Stays" })).Is(201).Id;
        foreach (var (client, tool) in Writers.Append("delete_tasks").Append("restore_tasks").Select(tool => (reader, tool)).Append((writer, "delete_tasks")))
        {
            var denied = await new McpCaller(client).Request("tools/call", new { name = tool, arguments = new { ids = new[] { id }, tasks = new[] { new { id, title = "Changed" } } } });
            Assert.Equal(-32602, (int)denied["error"]!["code"]!); // as a tool that is none
            Assert.Equal("There is no such tool.", (string)denied["error"]!["message"]!);
        }

        Assert.Equal(1, (int)(await alice.Get($"/api/tasks/{id}")).Is(200)["version"]!);
    }

    [Fact]
    public async Task Without_a_valid_token_there_is_no_answer_of_the_protocol()
    {
        using var alice = await app.SignUp();
        var token = (await alice.Post("/api/tokens", new { name = "script", scopes = new[] { "tasks:read" } })).Is(201);
        using var nobody = app.Anonymous();
        using var forger = new ApiClient(app.Address, "not.a.token");
        using var revoked = new ApiClient(app.Address, token.Text("token"));
        await new McpCaller(revoked).Call("get_overview", new { });
        (await alice.Delete($"/api/tokens/{token.Id}")).Is(204);

        foreach (var client in new[] { nobody, forger, revoked })
        {
            var answer = (await new McpCaller(client).Send(new { jsonrpc = "2.0", id = 1, method = "initialize", @params = new { } })).Is(401);
            Assert.StartsWith("Bearer", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
            Assert.Equal("application/problem+json", answer.Header("Content-Type"));
            Assert.Equal(answer.Body, (await client.Post("/api/mcp", "no JSON")).Is(401).Body, (one, other) => Code(one) == Code(other));
        }

        static string Code(string body) => (string)JsonNode.Parse(body)!["code"]!;
    }

    [Fact]
    public async Task What_is_no_message_of_the_protocol_is_refused()
    {
        using var alice = await app.SignUp();

        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Delete, HttpMethod.Put })
        {
            var answer = (await alice.Send(method, "/api/mcp", null, ("Accept", "text/event-stream"))).IsProblem(405, "method_not_allowed");
            Assert.Equal("POST", answer.Header("Allow"));
        }

        (await alice.Post("/api/mcp", "{", McpCaller.Accept)).Is(400);
        (await alice.Post("/api/mcp", "[]", McpCaller.Accept)).Is(400);
        (await alice.Post("/api/mcp", new { jsonrpc = "2.0", id = 1, method = "ping" }, ("Accept", "application/json"))).Is(406);
        (await alice.Send(HttpMethod.Post, "/api/mcp", new ByteArrayContent([]), McpCaller.Accept)).IsProblem(415, "unsupported_media_type");
        (await alice.Post("/api/mcp", new { jsonrpc = "2.0", id = 1, method = "ping", @params = new { text = new string('x', 1024 * 1024) } }, McpCaller.Accept)).IsProblem(413, "body_too_large");
        (await alice.Post("/api/mcp", new { jsonrpc = "2.0", id = 1, method = "ping" }, McpCaller.Accept, ("MCP-Protocol-Version", "1999-01-01"))).Is(400);
        Assert.Equal(-32601, (int)(await new McpCaller(alice).Request("tasks/drop", new { }))["error"]!["code"]!);
        (await alice.Get("/.well-known/oauth-protected-resource/api/mcp")).IsProblem(404, "metadata_not_found"); // no issuer elsewhere
    }

    [Fact]
    public async Task Fifty_clients_at_once_each_see_their_own_tasks()
    {
        using var alice = await app.SignUp();
        using var bob = await app.SignUp();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(async number =>
        {
            var (user, other) = number % 2 == 0 ? (alice, bob) : (bob, alice);
            var (mine, theirs) = (new McpCaller(user), new McpCaller(other));
            var added = await mine.Call("add_tasks", new { tasks = new[] { new { title = $"Number {number}" } } });
            var id = (string)added["results"]![0]!["id"]!;
            Assert.Equal($"Number {number}", (string)(await mine.Call("get_task", new { id }))["task"]!["title"]!);
            Assert.Equal("task_not_found", (string)(await theirs.Fails("get_task", new { id }))["code"]!);
        }));

        foreach (var user in new[] { alice, bob })
        {
            Assert.Equal(25, (int)(await new McpCaller(user).Call("get_overview", new { }))["counts"]!["open"]!);
        }
    }

    private static async Task<McpClient> Connect(ApiClient user, string? version) => await McpClient.CreateAsync(
        new HttpClientTransport(new()
        {
            Endpoint = new(user.Address, "/api/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = $"Bearer {user.Token}" },
        }),
        new() { ProtocolVersion = version });

    private async Task<ApiClient> Client(ApiClient user, params string[] scopes) =>
        new(app.Address, (await user.Post("/api/tokens", new { name = "script", scopes })).Is(201).Text("token"));
}
