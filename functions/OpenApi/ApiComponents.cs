using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;

namespace TodoFlow.Functions.OpenApi;

/// <summary>What operations share and refer to by name: headers, problems and the way to sign in.</summary>
internal sealed class ApiComponents
{
    private const string Bearer = "bearer";

    private static readonly Dictionary<string, OpenApiParameter> RequestHeaders = new(StringComparer.Ordinal)
    {
        [CorrelationMiddleware.Header] = Request(
            "Names what the request belongs to; the response and every event that follows from it carry it. Without one the server makes one.",
            new() { MaxLength = 128, Pattern = "^[A-Za-z0-9_.:/-]+$" }),
        ["If-Match"] = Request(
            "Act only on this version of the resource, given as its entity tag; otherwise the response is 412.",
            new() { Examples = ["\"1\""] }),
        ["If-None-Match"] = Request(
            "The entity tag of what the client has: the response is 304 where that is current.",
            new() { Examples = ["\"1\""] }),
        [IdempotentRequests.Header] = Request(
            "Makes the request safe to repeat for 24 hours: the same key and body get the first response again.",
            new() { MinLength = 1, MaxLength = 255, Pattern = "^[!-~]+$" }),
    };

    private static readonly Dictionary<string, OpenApiHeader> ResponseHeaders = new(StringComparer.Ordinal)
    {
        [CorrelationMiddleware.Header] = Response("The correlation id of the request."),
        ["ETag"] = Response("The entity tag of this version, for If-Match and If-None-Match.", new() { Examples = ["\"1\""] }),
        ["Location"] = Response("The address of the new resource.", new() { Format = "uri-reference" }),
        ["Link"] = Response("Where there is a next page, its address with rel=\"next\" (RFC 8288)."),
        ["X-Total-Count"] = Response("How many there are in all, where count=true asks for it.", Number(0)),
        ["X-Unread-Count"] = Response("How many notifications of the caller are unread, on this page or not.", Number(0)),
        [IdempotentRequests.ReplayedHeader] = Response("true where this is the first response again.", new() { Const = "true" }),
        ["RateLimit-Policy"] = Response("The limit: its name, quota `q` and window `w` in seconds.", new() { Examples = ["\"requests\";q=200;w=1"] }),
        ["RateLimit"] = Response("What is left of it: requests `r`, and seconds `t` until it is whole again.", new() { Examples = ["\"requests\";r=199;t=1"] }),
        ["Retry-After"] = Response("In how many seconds to try again.", Number(1)),
        ["WWW-Authenticate"] = Response("The scheme to sign in with: Bearer."),
    };

    private static readonly Dictionary<int, (string Name, string Description, string[] Headers)> Problems = new()
    {
        [400] = ("BadRequest", "The request is malformed, or fields of it are wrong: `errors` names each of them.", []),
        [401] = ("Unauthorized", "Nobody is signed in: the access token is missing, expired or not valid, or what was sent to sign in is wrong.", ["WWW-Authenticate"]),
        [404] = ("NotFound", "It does not exist, or belongs to somebody else: the response is the same.", []),
        [409] = ("Conflict", "The request contradicts what is stored.", []),
        [412] = ("PreconditionFailed", "If-Match names another version; `current` is the resource as it stands.", []),
        [413] = ("ContentTooLarge", $"The body is larger than {RequestReading.MaxBody.ToString(CultureInfo.InvariantCulture)} bytes.", []),
        [415] = ("UnsupportedMediaType", "The body is not sent as application/json in UTF-8.", []),
        [422] = ("UnprocessableContent", $"The {IdempotentRequests.Header} came with another request before.", []),
        [429] = ("TooManyRequests", "The caller's rate limit is reached.", ["Retry-After"]),
        [503] = ("ServiceUnavailable", "The database cannot be reached. Nothing was changed.", ["Retry-After"]),
    };

    private readonly OpenApiDocument _document;

    /// <summary>Adds the components to a document, whose operations may refer to them from now on.</summary>
    public ApiComponents(OpenApiDocument document)
    {
        _document = document;
        document.AddComponent("Problem", Problem());
        document.AddComponent(Bearer, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "An access token, as signing in returns it.",
        });
        document.Security = [new() { [new(Bearer, document)] = [] }];
        foreach (var (name, header) in RequestHeaders)
        {
            header.Name = name;
            document.AddComponent(name, header);
        }

        foreach (var (name, header) in ResponseHeaders)
        {
            document.AddComponent(name, header);
        }

        foreach (var problem in Problems.Values)
        {
            document.AddComponent(problem.Name, new OpenApiResponse
            {
                Description = problem.Description,
                Headers = HeadersOf([.. problem.Headers, .. LimitHeaders]),
                Content = new Dictionary<string, IOpenApiMediaType>
                {
                    ["application/problem+json"] = new OpenApiMediaType { Schema = new OpenApiSchemaReference("Problem", document) },
                },
            });
        }
    }

    /// <summary>What a response says of its caller's limit, where there is one.</summary>
    public static IReadOnlyList<string> LimitHeaders { get; } = ["RateLimit-Policy", "RateLimit"];

    /// <summary>A request header as a parameter.</summary>
    public IOpenApiParameter RequestHeader(string name) =>
        RequestHeaders.ContainsKey(name) ? new OpenApiParameterReference(name, _document) : throw Unknown("request header", name);

    /// <summary>Response headers by their names, with the one that every response has.</summary>
    public Dictionary<string, IOpenApiHeader> HeadersOf(IEnumerable<string> names) => names.Prepend(CorrelationMiddleware.Header).ToDictionary(
        name => name,
        name => ResponseHeaders.ContainsKey(name) ? (IOpenApiHeader)new OpenApiHeaderReference(name, _document) : throw Unknown("response header", name));

    /// <summary>A problem as a response.</summary>
    public IOpenApiResponse ProblemResponse(int status) =>
        Problems.TryGetValue(status, out var problem) ? new OpenApiResponseReference(problem.Name, _document) : throw Unknown("problem", status);

    // As ProblemResponses writes it.
    private static OpenApiSchema Problem() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "What went wrong (RFC 9457).",
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri-reference", Default = "about:blank" },
            ["title"] = Text("The status in words."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The HTTP status.", Minimum = "400", Maximum = "599" },
            ["code"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "A stable name that programs may branch on.", Pattern = "^[a-z0-9_]+$" },
            ["detail"] = Text("What happened and how to mend it, for people."),
            ["trace_id"] = Text("Finds the request in the server's log."),
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Description = "Every field that is wrong.",
                Items = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Properties = new Dictionary<string, IOpenApiSchema>
                    {
                        ["field"] = Text("Its name, nested ones with dots; a header or a query parameter by its name."),
                        ["message"] = Text("What is expected of it; reads on from the field's name."),
                    },
                    Required = new HashSet<string> { "field", "message" },
                },
            },
            ["current"] = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "The resource as it stands, where the client acted on an older version." },
        },
        Required = new HashSet<string> { "title", "status", "code", "detail", "trace_id" },
    };

    private static OpenApiParameter Request(string description, OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.String;
        return new() { In = ParameterLocation.Header, Description = description, Schema = schema };
    }

    private static OpenApiHeader Response(string description, OpenApiSchema? schema = null)
    {
        schema ??= new();
        schema.Type ??= JsonSchemaType.String;
        return new() { Description = description, Schema = schema };
    }

    private static OpenApiSchema Number(int minimum) => new() { Type = JsonSchemaType.Integer, Minimum = $"{minimum}" };

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };

    private static InvalidOperationException Unknown(string kind, object name) => new($"The {kind} {name} is not described in {nameof(ApiComponents)}.");
}
