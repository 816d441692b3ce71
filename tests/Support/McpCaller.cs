using System.Text.Json.Nodes;
using Xunit.Sdk;

namespace TodoFlow.Tests.Support;

/// <summary>Calls the MCP server as plain HTTP, of a protocol version that needs no more: JSON-RPC there, an event with the response back.</summary>
public sealed class McpCaller(ApiClient client, string version = "2025-11-25")
{
    /// <summary>What a client must accept.</summary>
    public static readonly (string Name, string Value) Accept = ("Accept", "application/json, text/event-stream");

    private int _id;

    /// <summary>Sends a message.</summary>
    public Task<ApiAnswer> Send(object message) => client.Post("/api/mcp", message, Accept, ("MCP-Protocol-Version", version));

    /// <summary>Sends a request, and returns its JSON-RPC response.</summary>
    public async Task<JsonNode> Request(string method, object parameters)
    {
        var answer = (await Send(new { jsonrpc = "2.0", id = ++_id, method, @params = parameters })).Is(200);
        var response = ResponseOf(answer);
        return (int)response["id"]! == _id ? response : throw new XunitException($"{method} answered another request: {answer.Body}");
    }

    /// <summary>Calls a tool, and returns its structured result.</summary>
    public async Task<JsonNode> Call(string tool, object arguments)
    {
        var result = await Result(tool, arguments);
        return result["isError"]?.GetValue<bool>() == true ? throw new XunitException($"{tool} failed: {result.ToJsonString()}") : result["structuredContent"]!;
    }

    /// <summary>Calls a tool, and returns the problem that it fails with.</summary>
    public async Task<JsonNode> Fails(string tool, object arguments)
    {
        var result = await Result(tool, arguments);
        return result["isError"]?.GetValue<bool>() == true ? TextOf(result)["error"]! : throw new XunitException($"{tool} did not fail: {result.ToJsonString()}");
    }

    /// <summary>The names of the tools.</summary>
    public async Task<IReadOnlyList<string>> Tools() => [.. (await Request("tools/list", new { }))["result"]!["tools"]!.AsArray().Select(tool => (string)tool!["name"]!)];

    /// <summary>The JSON-RPC message in an event.</summary>
    public static JsonNode ResponseOf(ApiAnswer answer) =>
        JsonNode.Parse(answer.Body.Split('\n').Single(line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..])!;

    private async Task<JsonNode> Result(string tool, object arguments)
    {
        var response = await Request("tools/call", new { name = tool, arguments });
        var result = response["result"] ?? throw new XunitException($"{tool} is refused: {response.ToJsonString()}");
        var isSame = result["isError"]?.GetValue<bool>() == true ? result["structuredContent"] is null : JsonNode.DeepEquals(TextOf(result), result["structuredContent"]);
        return isSame ? result : throw new XunitException($"{tool}: the text says something else: {result.ToJsonString()}");
    }

    private static JsonNode TextOf(JsonNode result) => JsonNode.Parse((string)result["content"]!.AsArray().Single()!["text"]!)!;
}
