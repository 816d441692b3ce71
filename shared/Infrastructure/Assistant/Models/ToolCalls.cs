using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace TodoFlow.Infrastructure.Assistant.Models;

/// <summary>
/// A model's calls of tools as they came. <see cref="FunctionCallContent"/> keeps names and arguments alone; what else a provider puts into a
/// call (Gemini's <c>extra_content.google.thought_signature</c>) it wants back with the result, or refuses the next request.
/// </summary>
public static class ToolCalls
{
    private const string Raw = "raw";

    /// <summary>A call as it came.</summary>
    /// <param name="raw">An object of <c>tool_calls</c>, with an <c>id</c> and a <c>function</c>.</param>
    internal static FunctionCallContent Of(JsonObject raw) => new((string)raw["id"]!, (string?)raw["function"]!["name"] ?? "")
    {
        AdditionalProperties = new() { [Raw] = JsonSerializer.SerializeToElement(raw) },
    };

    /// <summary>A call that no provider made.</summary>
    internal static FunctionCallContent Of(string id, string name, JsonObject arguments) => Of(new JsonObject
    {
        ["id"] = id,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments.ToJsonString() },
    });

    /// <summary>The call as it came, to be sent back.</summary>
    internal static JsonNode RawOf(FunctionCallContent call) => JsonSerializer.SerializeToNode((JsonElement)call.AdditionalProperties![Raw]!)!;

    /// <summary>The arguments of a call; null where they are no JSON object.</summary>
    public static JsonElement? ArgumentsOf(FunctionCallContent call)
    {
        var arguments = ((JsonElement)call.AdditionalProperties![Raw]!).GetProperty("function").TryGetProperty("arguments", out var found) ? found : default;
        if (arguments.ValueKind == JsonValueKind.Object)
        {
            return arguments;
        }

        try
        {
            var text = arguments.ValueKind == JsonValueKind.String ? arguments.GetString()! : "";
            using var parsed = JsonDocument.Parse(string.IsNullOrWhiteSpace(text) ? "{}" : text); // what some send for none
            return parsed.RootElement.ValueKind == JsonValueKind.Object ? parsed.RootElement.Clone() : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException) // half a surrogate pair
        {
            return null;
        }
    }
}
