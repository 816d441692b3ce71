using System.Text.Json.Nodes;
using NJsonSchema;
using TodoFlow.Functions.OpenApi;

namespace TodoFlow.Tests.Contract.OpenApi;

/// <summary>The OpenAPI document as a client reads it: JSON, with nothing known of the code behind it.</summary>
internal static class ApiDocument
{
    private static readonly string[] Verbs = ["get", "post", "put", "delete", "patch"];

    public static JsonObject Root { get; } = JsonNode.Parse(ApiDescription.Utf8.Span)!.AsObject();

    public static IReadOnlyList<ApiOperation> Operations { get; } =
    [
        .. Root["paths"]!.AsObject().SelectMany(
            path => path.Value!.AsObject().Where(item => Verbs.Contains(item.Key)),
            (path, operation) => new ApiOperation(operation.Key.ToUpperInvariant(), path.Key, operation.Value!.AsObject())),
    ];

    public static ApiOperation Operation(string name) => Operations.Single(operation => operation.Name == name);

    /// <summary>The operation that answers a request; literal segments win over parameters.</summary>
    public static ApiOperation? Find(string verb, string path) => Operations
        .Where(operation => operation.Verb == verb && Matches(operation.Path.Split('/'), path.Split('/')))
        .OrderBy(operation => operation.Path.Count(character => character == '{'))
        .FirstOrDefault();

    /// <summary>The schema of a message that comes after an operation, over another connection.</summary>
    public static JsonObject Message(string operation, string name) => Operation(operation).Json["x-messages"]![name]!.AsObject();

    /// <summary>What a node says, wherever it says it.</summary>
    public static JsonObject Resolve(JsonNode node)
    {
        if (node["$ref"]?.GetValue<string>() is not { } reference)
        {
            return node.AsObject();
        }

        if (!reference.StartsWith("#/", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{reference} is outside of the document.");
        }

        var target = reference[2..].Split('/').Aggregate(
            (JsonNode?)Root, (found, name) => found?[name.Replace("~1", "/").Replace("~0", "~")]);
        return target?.AsObject() ?? throw new InvalidOperationException($"{reference} is nowhere.");
    }

    /// <summary>The schema of a field that may be null, without that.</summary>
    public static (JsonObject Schema, bool MayBeNull) Field(JsonNode schema)
    {
        var resolved = Resolve(schema);
        if (resolved["anyOf"] is JsonArray choice && choice.Any(IsNull))
        {
            return (Resolve(choice.First(one => !IsNull(one))!), true);
        }

        return (resolved, resolved["type"] is JsonArray types && types.Any(type => type!.GetValue<string>() == "null"));

        static bool IsNull(JsonNode? one) => one?["type"] is JsonValue type && type.GetValue<string>() == "null";
    }

    /// <summary>What is wrong with a body. A field that the schema does not have is wrong too: nothing is answered that is not documented.</summary>
    public static async Task<IReadOnlyList<string>> Violations(JsonNode schema, string body)
    {
        var definitions = new JsonObject();
        foreach (var (name, component) in Root["components"]!["schemas"]!.AsObject())
        {
            var closed = component!.DeepClone().AsObject();
            if (closed.ContainsKey("properties"))
            {
                closed["additionalProperties"] = false;
            }

            definitions[name] = closed;
        }

        var root = new JsonObject { ["definitions"] = definitions, ["allOf"] = new JsonArray(schema.DeepClone()) };
        var text = root.ToJsonString().Replace("#/components/schemas/", "#/definitions/");
        return [.. (await JsonSchema.FromJsonAsync(text)).Validate(body).Select(error => error.ToString())];
    }

    /// <summary>The type of a value that is not null.</summary>
    public static string TypeOf(JsonObject schema) => schema["type"] is JsonArray types
        ? types.Select(type => type!.GetValue<string>()).Single(type => type != "null")
        : schema["type"]!.GetValue<string>();

    private static bool Matches(string[] template, string[] path) =>
        template.Length == path.Length && template.Zip(path).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second);
}

/// <summary>One operation of the document.</summary>
internal sealed record ApiOperation(string Verb, string Path, JsonObject Json)
{
    public string Name => Json["operationId"]!.GetValue<string>();

    public IEnumerable<JsonObject> Parameters => (Json["parameters"]?.AsArray() ?? []).Select(parameter => ApiDocument.Resolve(parameter!));

    /// <summary>Its JSON body; null where it has none, or takes files, of which the document has no schema.</summary>
    public JsonObject? Body => Json["requestBody"]?["content"]!["application/json"]!.AsObject() is { } body && body["schema"] is not null ? body : null;

    public JsonObject? Response(int status) => Json["responses"]![$"{status}"] is { } response ? ApiDocument.Resolve(response) : null;

    public string PathWith(Guid id) => string.Join('/', Path.Split('/').Select(segment => segment.StartsWith('{') ? id.ToString() : segment));
}
