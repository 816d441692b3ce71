using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace TodoFlow.Functions.Assistant.Tools;

/// <summary>
/// The tools' JSON Schemas, written by hand: every client sends all of them to its model with each turn, so each word counts
/// (docs/mcp.md). Tests hold them to what is read and written.
/// </summary>
internal static class ToolSchemas
{
    /// <summary>What every batch returns.</summary>
    public static JsonElement Batch { get; } = Parse(
        """
        {"type":"object","properties":{"results":{"type":"array","items":{"type":"object","properties":{"status":{"type":"string"},"task":{"type":"object"},"error":{"type":"object"}},"required":["status"]}},
        "changed":{"type":"integer"},"failed":{"type":"integer"}},"required":["results","changed","failed"]}
        """);

    /// <summary>A list of ids of tasks.</summary>
    public static JsonElement Ids { get; } = Parse(
        """{"type":"object","properties":{"ids":{"type":"array","items":{"type":"string"},"maxItems":25}},"required":["ids"]}""");

    /// <summary>Reads a schema.</summary>
    public static JsonElement Parse([StringSyntax(StringSyntaxAttribute.Json)] string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    /// <summary>The schema of the entries of a list.</summary>
    public static JsonElement ItemsOf(JsonElement schema, string list) => schema.GetProperty("properties").GetProperty(list).GetProperty("items");
}
