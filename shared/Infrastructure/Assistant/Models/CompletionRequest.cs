using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace TodoFlow.Infrastructure.Assistant.Models;

/// <summary>Writes a request of the Chat Completions API, as OpenAI defined it and others took it over.</summary>
internal static class CompletionRequest
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The body of a request for a stream.</summary>
    public static byte[] Write(string model, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var sent = new JsonArray();
        if (options?.Instructions is { } instructions)
        {
            sent.Add(new JsonObject { ["role"] = "system", ["content"] = instructions });
        }

        foreach (var message in messages)
        {
            Add(sent, message);
        }

        var request = new JsonObject
        {
            ["model"] = model,
            ["messages"] = sent,
            ["stream"] = true,
            ["stream_options"] = new JsonObject { ["include_usage"] = true },
        };
        if (options?.MaxOutputTokens is { } most)
        {
            request["max_completion_tokens"] = most;
        }

        if (options?.Tools is { Count: > 0 } tools)
        {
            request["tools"] = new JsonArray([.. tools.OfType<AIFunctionDeclaration>().Select(Tool)]);
        }

        return JsonSerializer.SerializeToUtf8Bytes(request, Json);
    }

    private static void Add(JsonArray sent, ChatMessage message)
    {
        if (message.Role == ChatRole.Tool)
        {
            foreach (var result in message.Contents.OfType<FunctionResultContent>())
            {
                sent.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = result.CallId, ["content"] = JsonSerializer.Serialize(result.Result, Json) });
            }

            return;
        }

        var written = new JsonObject { ["role"] = message.Role.Value, ["content"] = message.Text };
        if (message.Contents.OfType<FunctionCallContent>().Select(ToolCalls.RawOf).ToArray() is { Length: > 0 } calls)
        {
            written["tool_calls"] = new JsonArray(calls);
            written["content"] = message.Text.Length > 0 ? message.Text : null;
        }

        sent.Add(written);
    }

    private static JsonObject Tool(AIFunctionDeclaration tool) => new()
    {
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = tool.Name,
            ["description"] = tool.Description,
            ["parameters"] = JsonSerializer.SerializeToNode(tool.JsonSchema),
        },
    };
}
