using System.Globalization;
using System.Text.Json.Nodes;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;

namespace TodoFlow.Functions.OpenApi;

/// <summary>What operations share and refer to by name: headers, problems and the way to sign in.</summary>
internal static class ApiComponents
{
    /// <summary>The name of the security scheme.</summary>
    public const string Bearer = "bearer";

    private const string Text = "string";

    private static readonly Dictionary<string, (string About, JsonObject Schema)> RequestHeaders = new(StringComparer.Ordinal)
    {
        [CorrelationMiddleware.Header] = (
            "Names what the request belongs to; the answer and every event that follows from it carry it. Without one the server makes one.",
            new() { ["type"] = Text, ["maxLength"] = 128, ["pattern"] = "^[A-Za-z0-9_.:/-]+$" }),
        ["If-Match"] = (
            "Act only on this version of the resource, given as its entity tag; otherwise the answer is 412.",
            new() { ["type"] = Text, ["examples"] = new JsonArray("\"1\"") }),
        ["If-None-Match"] = (
            "The entity tag of what the client has: the answer is 304 where that is current.",
            new() { ["type"] = Text, ["examples"] = new JsonArray("\"1\"") }),
        [IdempotentRequests.Header] = (
            "Makes the request safe to repeat for 24 hours: the same key and body get the first answer again.",
            new() { ["type"] = Text, ["minLength"] = 1, ["maxLength"] = 255, ["pattern"] = "^[!-~]+$" }),
    };

    private static readonly Dictionary<string, (string About, JsonObject Schema)> ResponseHeaders = new(StringComparer.Ordinal)
    {
        [CorrelationMiddleware.Header] = ("The correlation id of the request.", new() { ["type"] = Text }),
        ["ETag"] = ("The entity tag of this version, for If-Match and If-None-Match.", new() { ["type"] = Text, ["examples"] = new JsonArray("\"1\"") }),
        ["Location"] = ("The address of the new resource.", new() { ["type"] = Text, ["format"] = "uri-reference" }),
        ["Link"] = ("Where there is a next page, its address with rel=\"next\" (RFC 8288).", new() { ["type"] = Text }),
        ["X-Total-Count"] = ("How many there are in all, where count=true asks for it.", new() { ["type"] = "integer", ["minimum"] = 0 }),
        ["X-Unread-Count"] = ("How many notifications of the caller are unread, on this page or not.", new() { ["type"] = "integer", ["minimum"] = 0 }),
        [IdempotentRequests.ReplayedHeader] = ("true where this is the first answer again.", new() { ["type"] = Text, ["const"] = "true" }),
        ["RateLimit-Policy"] = ("The limit: its name, quota `q` and window `w` in seconds.", new() { ["type"] = Text, ["examples"] = new JsonArray("\"requests\";q=200;w=1") }),
        ["RateLimit"] = ("What is left of it: requests `r`, and seconds `t` until it is whole again.", new() { ["type"] = Text, ["examples"] = new JsonArray("\"requests\";r=199;t=1") }),
        ["Retry-After"] = ("In how many seconds to try again.", new() { ["type"] = "integer", ["minimum"] = 1 }),
        ["WWW-Authenticate"] = ("The scheme to sign in with: Bearer.", new() { ["type"] = Text }),
    };

    private static readonly Dictionary<int, (string Name, string About, string[] Headers)> Problems = new()
    {
        [400] = ("BadRequest", "The request is malformed, or fields of it are wrong: `errors` names each of them.", []),
        [401] = ("Unauthorized", "Nobody is signed in: the access token is missing, expired or not valid, or what was sent to sign in is wrong.", ["WWW-Authenticate"]),
        [404] = ("NotFound", "It does not exist, or belongs to somebody else: the answer is the same.", []),
        [409] = ("Conflict", "The request contradicts what is stored.", []),
        [412] = ("PreconditionFailed", "If-Match names another version; `current` is the resource as it stands.", []),
        [413] = ("ContentTooLarge", $"The body is larger than {RequestReading.MaxBody.ToString(CultureInfo.InvariantCulture)} bytes.", []),
        [415] = ("UnsupportedMediaType", "The body is not sent as application/json in UTF-8.", []),
        [422] = ("UnprocessableContent", $"The {IdempotentRequests.Header} came with another request before.", []),
        [429] = ("TooManyRequests", "The caller's rate limit is reached.", ["Retry-After"]),
        [503] = ("ServiceUnavailable", "The database cannot be reached. Nothing was changed.", ["Retry-After"]),
    };

    /// <summary>What an answer says of its caller's limit, where there is one.</summary>
    public static IReadOnlyList<string> LimitHeaders { get; } = ["RateLimit-Policy", "RateLimit"];

    /// <summary>The components, with the schemas that operations refer to.</summary>
    public static JsonObject Describe(ApiSchemas schemas)
    {
        schemas.Add("Problem", Problem());
        return new()
        {
            ["schemas"] = schemas.Components,
            ["responses"] = new JsonObject(Problems.Values.Select(problem => KeyValuePair.Create(problem.Name, (JsonNode?)new JsonObject
            {
                ["description"] = problem.About,
                ["headers"] = ResponseHeaderReferences([.. problem.Headers, .. LimitHeaders]),
                ["content"] = new JsonObject
                {
                    ["application/problem+json"] = new JsonObject { ["schema"] = Reference("schemas", "Problem") },
                },
            }))),
            ["parameters"] = new JsonObject(RequestHeaders.Select(header => KeyValuePair.Create(header.Key, (JsonNode?)new JsonObject
            {
                ["name"] = header.Key,
                ["in"] = "header",
                ["description"] = header.Value.About,
                ["schema"] = header.Value.Schema.DeepClone(),
            }))),
            ["headers"] = new JsonObject(ResponseHeaders.Select(header => KeyValuePair.Create(header.Key, (JsonNode?)new JsonObject
            {
                ["description"] = header.Value.About,
                ["schema"] = header.Value.Schema.DeepClone(),
            }))),
            ["securitySchemes"] = new JsonObject
            {
                [Bearer] = new JsonObject
                {
                    ["type"] = "http",
                    ["scheme"] = "bearer",
                    ["bearerFormat"] = "JWT",
                    ["description"] = "An access token, as signing in answers it.",
                },
            },
        };
    }

    /// <summary>A request header as a parameter.</summary>
    public static JsonObject RequestHeader(string name) =>
        RequestHeaders.ContainsKey(name) ? Reference("parameters", name) : throw Unknown("request header", name);

    /// <summary>Response headers by their names, with the one that every answer has.</summary>
    public static JsonObject ResponseHeaderReferences(IEnumerable<string> names) =>
        new(names.Prepend(CorrelationMiddleware.Header).Select(name => KeyValuePair.Create(
            name, ResponseHeaders.ContainsKey(name) ? (JsonNode?)Reference("headers", name) : throw Unknown("response header", name))));

    /// <summary>A problem as a response.</summary>
    public static JsonObject ProblemResponse(int status) =>
        Problems.TryGetValue(status, out var problem) ? Reference("responses", problem.Name) : throw Unknown("problem", status);

    // As ProblemAnswer writes it.
    private static JsonObject Problem() => new()
    {
        ["type"] = "object",
        ["description"] = "What went wrong (RFC 9457).",
        ["properties"] = new JsonObject
        {
            ["type"] = new JsonObject { ["type"] = Text, ["format"] = "uri-reference", ["default"] = "about:blank" },
            ["title"] = new JsonObject { ["type"] = Text, ["description"] = "The status in words." },
            ["status"] = new JsonObject { ["type"] = "integer", ["description"] = "The HTTP status.", ["minimum"] = 400, ["maximum"] = 599 },
            ["code"] = new JsonObject { ["type"] = Text, ["description"] = "A stable name that programs may branch on.", ["pattern"] = "^[a-z0-9_]+$" },
            ["detail"] = new JsonObject { ["type"] = Text, ["description"] = "What happened and how to mend it, for people." },
            ["trace_id"] = new JsonObject { ["type"] = Text, ["description"] = "Finds the request in the server's log." },
            ["errors"] = new JsonObject
            {
                ["type"] = "array",
                ["description"] = "Every field that is wrong.",
                ["items"] = new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = new JsonObject
                    {
                        ["field"] = new JsonObject { ["type"] = Text, ["description"] = "Its name, nested ones with dots; a header or a query parameter by its name." },
                        ["message"] = new JsonObject { ["type"] = Text, ["description"] = "What is expected of it; reads on from the field's name." },
                    },
                    ["required"] = new JsonArray("field", "message"),
                },
            },
            ["current"] = new JsonObject { ["type"] = "object", ["description"] = "The resource as it stands, where the client acted on an older version." },
        },
        ["required"] = new JsonArray("title", "status", "code", "detail", "trace_id"),
    };

    private static JsonObject Reference(string kind, string name) => new() { ["$ref"] = $"#/components/{kind}/{name}" };

    private static InvalidOperationException Unknown(string kind, object name) => new($"The {kind} {name} is not described in {nameof(ApiComponents)}.");
}
