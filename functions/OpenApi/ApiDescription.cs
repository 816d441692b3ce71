using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Functions.OpenApi;

/// <summary>The HTTP API as OpenAPI 3.1, from the functions' attributes and types alone: the same in either host.</summary>
public sealed class ApiDescription
{
    private static readonly Lazy<byte[]> Built = new(() => new ApiDescription(typeof(ApiDescription).Assembly).Write());

    private const string EventStream = "text/event-stream";

    private static readonly string[] LimitHeaders = ["RateLimit-Policy", "RateLimit"];

    private readonly OpenApiDocument _document;
    private readonly ApiSchemas _schemas;
    private readonly XmlDocumentation _documentation;

    private ApiDescription(Assembly assembly)
    {
        var functions = HttpFunction.In(assembly).ToList();
        _document = ReadBase();
        _document.Info.Version = assembly.GetName().Version!.ToString(3);
        _document.Tags = functions.Select(function => function.Feature).Distinct().Order(StringComparer.Ordinal).Select(feature => new OpenApiTag { Name = feature }).ToHashSet();
        _documentation = new(assembly, typeof(TaskResponse).Assembly, typeof(ReminderResponse).Assembly);
        _schemas = new(_document, _documentation);
        foreach (var path in functions.GroupBy(function => function.Path).OrderBy(path => path.Key, StringComparer.Ordinal))
        {
            var item = new OpenApiPathItem();
            foreach (var function in path.OrderBy(function => function.Verb, StringComparer.Ordinal))
            {
                item.AddOperation(HttpMethod.Parse(function.Verb), Operation(function));
            }

            _document.Paths.Add(path.Key, item);
        }

        _document.Components!.Schemas = _document.Components.Schemas!.OrderBy(schema => schema.Key, StringComparer.Ordinal).ToDictionary();
    }

    /// <summary>The document as UTF-8, indented and ending in a line feed. Built with the first call.</summary>
    public static ReadOnlyMemory<byte> Utf8 => Built.Value;

    private OpenApiOperation Operation(HttpFunction function)
    {
        var (summary, description) = Texts(function, _documentation);
        var responses = new OpenApiResponses();
        foreach (var status in function.Returns.Select(response => response.Status).Concat(function.Problems).Order())
        {
            responses.Add($"{status}", function.Returns.FirstOrDefault(response => response.Status == status) is { } response
                ? Response(function, response)
                : new OpenApiResponseReference(Known(_document.Components!.Responses!, $"{status}"), _document));
        }

        return new()
        {
            OperationId = function.Name,
            Tags = new HashSet<OpenApiTagReference> { new(function.Feature, _document) },
            Summary = summary,
            Description = description,
            Security = function.HasTokenInQuery ? [new() { [new OpenApiSecuritySchemeReference("calendar", _document)] = [] }] : function.IsAnonymous ? [] : null,
            Parameters =
            [
                .. function.Route.Parameters.Select(PathParameter),
                .. function.Query is { } query ? RequestContract.Of(query).Fields.Select(QueryParameter) : [],
                .. function.RequestHeaders.Append(CorrelationMiddleware.Header).Select(name => new OpenApiParameterReference(Known(_document.Components!.Parameters!, name), _document)),
            ],
            RequestBody = function.Files.Count > 0 ? File(function) : function.Body is not { } body ? null : new OpenApiRequestBody
            {
                Required = !body.IsOptional,
                Content = Json(_schemas.Request(body.Type), ApiSchemas.Example(body.Type)),
            },
            Responses = responses,
            Extensions = function.LaterMessages.Count > 0 ? new Dictionary<string, IOpenApiExtension> { ["x-messages"] = Messages(function) } : null,
        };
    }

    private JsonNodeExtension Messages(HttpFunction function) => new(new JsonObject(
        function.LaterMessages.Select(message => KeyValuePair.Create(message.Name, (JsonNode?)_schemas.Message(message.Data)))));

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

    private OpenApiParameter PathParameter(RoutePatternParameterPart parameter) => new()
    {
        Name = parameter.Name,
        In = ParameterLocation.Path,
        Required = true,
        Schema = ApiSchemas.PathParameter(isId: parameter.ParameterPolicies.Any(policy => policy.Content == "guid")),
    };

    private OpenApiParameter QueryParameter(RequestField field)
    {
        var (schema, description) = _schemas.Parameter(field);
        return new()
        {
            Name = field.Name,
            In = ParameterLocation.Query,
            Description = description,
            Required = field.IsRequired,
            Style = ParameterStyle.Form,
            Explode = field.ValueType != typeof(string[]), // a,b
            Schema = schema,
        };
    }

    private OpenApiResponse Response(HttpFunction function, ReturnsAttribute response) => new()
    {
        Description = ReasonPhrases.GetReasonPhrase(response.Status),
        Headers = new IReadOnlyList<string>[]
        {
            [CorrelationMiddleware.Header],
            response.Headers,
            function.RequestHeaders.Contains(IdempotentRequests.Header) ? [IdempotentRequests.ReplayedHeader] : [],
            function.IsLimited ? LimitHeaders : [],
        }.SelectMany(names => names).ToDictionary(name => name, name => (IOpenApiHeader)new OpenApiHeaderReference(Known(_document.Components!.Headers!, name), _document)),
        Content = Content(response),
    };

    private Dictionary<string, IOpenApiMediaType>? Content(ReturnsAttribute response)
    {
        Dictionary<string, IOpenApiMediaType>? content = response.Type is { } type ? Json(_schemas.Response(type))
            : response.ContentType is { } contentType ? new() { [contentType] = new OpenApiMediaType() }
            : null;
        if (response.Events is { } events)
        {
            content![EventStream] = new OpenApiMediaType { Schema = _schemas.Events(events) };
        }

        return content;
    }

    private static OpenApiRequestBody File(HttpFunction function) => new()
    {
        Required = true,
        Content = function.Files.ToDictionary(type => type, IOpenApiMediaType (_) => new OpenApiMediaType()),
    };

    // What no function says: headers, problems by their status, and the way to sign in.
    private static OpenApiDocument ReadBase()
    {
        using var json = new MemoryStream();
        typeof(ApiDescription).Assembly.GetManifestResourceStream("TodoFlow.Functions.OpenApi.openapi.base.json")!.CopyTo(json);
        json.Position = 0;
        return OpenApiDocument.Load(json, "json").Document!;
    }

    private static string Known<T>(IDictionary<string, T> components, string name) =>
        components.ContainsKey(name) ? name : throw new InvalidOperationException($"openapi.base.json does not describe {name}.");

    private static Dictionary<string, IOpenApiMediaType> Json(IOpenApiSchema schema, JsonNode? example = null) =>
        new() { ["application/json"] = new OpenApiMediaType { Schema = schema, Example = example } };

    private byte[] Write()
    {
        using var text = new StringWriter { NewLine = "\n" };
        _document.SerializeAsV31(new OpenApiJsonWriter(text));
        text.WriteLine();
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
