using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.WebUtilities;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Functions.OpenApi;

/// <summary>The HTTP API as OpenAPI 3.1, from the functions' attributes and types alone: the same in either host.</summary>
public static class OpenApiDocument
{
    private static readonly Lazy<byte[]> Built = new(() => Write(Describe(typeof(OpenApiDocument).Assembly)));

    /// <summary>The document as UTF-8, indented and ending in a line feed. Built with the first call.</summary>
    public static ReadOnlyMemory<byte> Utf8 => Built.Value;

    private static JsonObject Describe(Assembly assembly)
    {
        var documentation = new XmlDocumentation(assembly, typeof(TaskResponse).Assembly, typeof(ReminderResponse).Assembly);
        var schemas = new ApiSchemas(documentation);
        var functions = HttpFunction.In(assembly).ToLookup(function => function.Path, StringComparer.Ordinal);
        var paths = new JsonObject(functions.OrderBy(path => path.Key, StringComparer.Ordinal).Select(path => KeyValuePair.Create(
            path.Key,
            (JsonNode?)new JsonObject(path.OrderBy(function => function.Verb, StringComparer.Ordinal).Select(function => KeyValuePair.Create(
                function.Verb, (JsonNode?)Operation(function, documentation, schemas)))))));
        var features = functions.SelectMany(path => path).Select(function => function.Feature).Distinct().Order(StringComparer.Ordinal);
        return new()
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "TodoFlow",
                ["summary"] = "Tasks, search and reminders.",
                ["version"] = assembly.GetName().Version!.ToString(3),
                ["license"] = new JsonObject { ["name"] = "MIT", ["identifier"] = "MIT" },
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["security"] = new JsonArray(new JsonObject { [ApiComponents.Bearer] = new JsonArray() }),
            ["tags"] = new JsonArray([.. features.Select(feature => new JsonObject { ["name"] = feature })]),
            ["paths"] = paths,
            ["components"] = ApiComponents.Describe(schemas),
        };
    }

    private static JsonObject Operation(HttpFunction function, XmlDocumentation documentation, ApiSchemas schemas)
    {
        var (summary, description) = Texts(function, documentation);
        var operation = new JsonObject { ["operationId"] = function.Name, ["tags"] = new JsonArray(function.Feature) };
        if (summary is not null)
        {
            operation["summary"] = summary;
            operation["description"] = description;
        }

        if (function.IsAnonymous)
        {
            operation["security"] = new JsonArray();
        }

        operation["parameters"] = new JsonArray([
            .. function.Route.Parameters.Select(PathParameter),
            .. function.Query is { } query ? RequestShape.Of(query).Fields.Select(field => QueryParameter(field, schemas)) : [],
            .. function.Heeds.Append(CorrelationMiddleware.Header).Select(ApiComponents.RequestHeader),
        ]);
        if (function.Body is { } body)
        {
            var content = Json(schemas.Request(body.Type));
            if (ApiSchemas.Example(body.Type) is { } example)
            {
                content["application/json"]!["example"] = example;
            }

            operation["requestBody"] = new JsonObject { ["required"] = !body.IsOptional, ["content"] = content };
        }

        var answers = function.Returns.Select(answer => KeyValuePair.Create(answer.Status, Answer(function, answer, schemas)))
            .Concat(function.Problems.Select(status => KeyValuePair.Create(status, ApiComponents.ProblemResponse(status))));
        operation["responses"] = new JsonObject(answers.OrderBy(answer => answer.Key)
            .Select(answer => KeyValuePair.Create($"{answer.Key}", (JsonNode?)answer.Value)));
        return operation;
    }

    /// <summary>
    /// The class's summary reads "GET /api/tasks/{id}: one of the caller's tasks.": what follows the colon is the operation's
    /// summary, up to the first sentence's end. The rest, and the method's own, describe it.
    /// </summary>
    private static (string? Summary, string? Description) Texts(HttpFunction function, XmlDocumentation documentation)
    {
        if (documentation.Summary(function.Method.DeclaringType!) is not { } text)
        {
            return (null, null);
        }

        var start = $"{function.Verb.ToUpperInvariant()} {function.Path}: ";
        if (!text.StartsWith(start, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"The documentation of {function.Name} must begin with \"{start}\".");
        }

        var end = text.IndexOf(". ", StringComparison.Ordinal);
        var (first, rest) = end < 0 ? (text[start.Length..].TrimEnd('.'), "") : (text[start.Length..end], text[(end + 2)..]);
        return ($"{char.ToUpperInvariant(first[0])}{first[1..]}", $"{rest} {documentation.Summary(function.Method)}".Trim());
    }

    private static JsonObject PathParameter(RoutePatternParameterPart parameter) => new()
    {
        ["name"] = parameter.Name,
        ["in"] = "path",
        ["required"] = true,
        ["schema"] = parameter.ParameterPolicies.Any(policy => policy.Content == "guid")
            ? FieldType.Of(typeof(Guid))!.Schema.DeepClone()
            : FieldType.Of(typeof(string))!.Schema.DeepClone(),
    };

    private static JsonObject QueryParameter(RequestShape.Field field, ApiSchemas schemas)
    {
        var schema = schemas.Field(field);
        schema.Remove("description", out var description);
        var parameter = new JsonObject { ["name"] = field.Name, ["in"] = "query" };
        if (description is not null)
        {
            parameter["description"] = description;
        }

        if (field.IsNeeded)
        {
            parameter["required"] = true;
        }

        if (field.ValueType.IsArray)
        {
            parameter["explode"] = false; // a,b
        }

        parameter["schema"] = schema;
        return parameter;
    }

    private static JsonObject Answer(HttpFunction function, ReturnsAttribute answer, ApiSchemas schemas)
    {
        IEnumerable<string> headers =
        [
            .. answer.Headers,
            .. function.Heeds.Contains(IdempotentRequests.Header) ? new[] { IdempotentRequests.ReplayedHeader } : [],
            .. function.IsLimited ? ApiComponents.LimitHeaders : [],
        ];
        var response = new JsonObject
        {
            ["description"] = ReasonPhrases.GetReasonPhrase(answer.Status),
            ["headers"] = ApiComponents.ResponseHeaderReferences(headers),
        };
        if (answer.Type is { } type)
        {
            response["content"] = Json(schemas.Answer(type));
        }
        else if (answer.ContentType is { } contentType)
        {
            response["content"] = new JsonObject { [contentType] = new JsonObject() };
        }

        return response;
    }

    private static JsonObject Json(JsonNode schema) => new() { ["application/json"] = new JsonObject { ["schema"] = schema } };

    private static byte[] Write(JsonObject document)
    {
        using var stream = new MemoryStream();
        var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var writer = new Utf8JsonWriter(stream, options))
        {
            document.WriteTo(writer);
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }
}
