using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;

namespace TodoFlow.Functions.Http;

/// <summary>A function with an HTTP trigger, as its attributes describe it.</summary>
internal sealed class HttpFunction
{
    private HttpFunction(string name, HttpTriggerAttribute trigger, MethodInfo method)
    {
        Name = name;
        Method = method;
        Verbs = [.. (trigger.Methods ?? []).Select(verb => verb.ToLowerInvariant())];
        if (Verbs is not (["get", "head"] or [not ("get" or "head")]))
        {
            throw new InvalidOperationException($"The function {name} must name one HTTP method, and HEAD behind GET.");
        }

        Route = RoutePatternFactory.Parse(trigger.Route ?? throw new InvalidOperationException($"The function {name} must name its route."));
        IsAnonymous = method.IsDefined(typeof(AllowAnonymousAttribute));
        IsLimited = !IsAnonymous || method.IsDefined(typeof(EnableRateLimitingAttribute));
        Body = method.GetCustomAttribute<BodyAttribute>();
        Files = method.GetCustomAttribute<FileBodyAttribute>()?.MediaTypes ?? [];
        HasTokenInQuery = method.IsDefined(typeof(TokenInQueryAttribute));
        Query = method.GetCustomAttribute<QueryAttribute>()?.Type;
        Returns = [.. method.GetCustomAttributes<ReturnsAttribute>()];
        LaterMessages = [.. method.GetCustomAttributes<LaterMessageAttribute>()];
        RequestHeaders = method.GetCustomAttribute<RequestHeadersAttribute>()?.Headers ?? [];
    }

    /// <summary>The function's name.</summary>
    public string Name { get; }

    /// <summary>
    /// The HTTP methods, in lower case: one, or GET and HEAD. The Functions host gives HEAD to none that does not name it; the web server
    /// leaves the body of its response out (RFC 9110 section 9.3.2).
    /// </summary>
    public IReadOnlyList<string> Verbs { get; }

    /// <summary>The HTTP method that OpenAPI describes.</summary>
    public string Verb => Verbs[0];

    /// <summary>The route.</summary>
    public RoutePattern Route { get; }

    /// <summary>The route as OpenAPI writes it: without constraints.</summary>
    public string Path => string.Concat(Route.PathSegments.Select(segment => "/" + string.Concat(segment.Parts.Select(part => part switch
    {
        RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
        RoutePatternLiteralPart literal => literal.Content,
        _ => throw new InvalidOperationException($"OpenAPI cannot say the route of the function {Name}: {Route.RawText}"),
    }))));

    /// <summary>The method.</summary>
    public MethodInfo Method { get; }

    /// <summary>The feature that the function belongs to: its folder.</summary>
    public string Feature => Method.DeclaringType!.Namespace!.Split('.')[^1];

    /// <summary>Whether it needs no token.</summary>
    public bool IsAnonymous { get; }

    /// <summary>Whether the rate of its requests is limited.</summary>
    public bool IsLimited { get; }

    /// <summary>Its JSON body; null where it reads none.</summary>
    public BodyAttribute? Body { get; }

    /// <summary>The media types of the file that is its body; none where it is none.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Whether its token is a parameter of its address.</summary>
    public bool HasTokenInQuery { get; }

    /// <summary>What its query string is read as; null where it reads none.</summary>
    public Type? Query { get; }

    /// <summary>What it responds with, apart from problems.</summary>
    public IReadOnlyList<ReturnsAttribute> Returns { get; }

    /// <summary>The messages that follow over another connection.</summary>
    public IReadOnlyList<LaterMessageAttribute> LaterMessages { get; }

    /// <summary>The request headers that it applies.</summary>
    public IReadOnlyList<string> RequestHeaders { get; }

    /// <summary>The statuses of its problems: those that it names, and those that follow from what it reads.</summary>
    public IReadOnlySet<int> Problems
    {
        get
        {
            var statuses = new SortedSet<int>(Method.GetCustomAttribute<ProblemsAttribute>()?.Statuses ?? []);
            var once = RequestHeaders.Contains(IdempotentRequests.Header);
            var conditional = RequestHeaders.Contains("If-Match");
            Add(Body is not null || Query is not null || once || conditional, 400);
            Add(!IsAnonymous, 401, 403);
            Add(IsLimited, 429, 503);
            Add(Route.Parameters.Count > 0, 404);
            Add(conditional, 412);
            Add(Files.Count > 0, 400);
            Add(Body is not null || Files.Count > 0, 413, 415);
            Add(once, 413, 422);
            Add(RequestHeaders.Contains(SessionCookies.Header), 400, 403);
            statuses.ExceptWith(Returns.Select(response => response.Status));
            return statuses;

            void Add(bool applies, params ReadOnlySpan<int> added)
            {
                foreach (var status in applies ? added : [])
                {
                    statuses.Add(status);
                }
            }
        }
    }

    /// <summary>Every HTTP function of an assembly, but those that take what they do not.</summary>
    public static IEnumerable<HttpFunction> In(Assembly assembly) =>
        from type in assembly.GetExportedTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        let name = method.GetCustomAttribute<FunctionAttribute>()?.Name
        let trigger = method.GetParameters().Select(parameter => parameter.GetCustomAttribute<HttpTriggerAttribute>()).FirstOrDefault(found => found is not null)
        where name is not null && trigger is not null && trigger.Route != WrongRoute.Route
        select new HttpFunction(name, trigger, method);
}
