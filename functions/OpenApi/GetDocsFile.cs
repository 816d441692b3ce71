using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Swashbuckle.AspNetCore.SwaggerUI;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;

namespace TodoFlow.Functions.OpenApi;

/// <summary>GET /api/docs/{file}: the scripts and styles of the documentation's page.</summary>
public sealed class GetDocsFile
{
    private const string Script = "text/javascript; charset=utf-8";
    private const string SwaggerUI = "Swashbuckle.AspNetCore.SwaggerUI.node_modules.swagger_ui_dist.";

    // Nothing else is served: a name is looked up here, and never a path.
    private static readonly Dictionary<string, Lazy<CompressedFile>> Files = new(StringComparer.Ordinal)
    {
        ["docs.js"] = Resource(typeof(GetDocsFile), "TodoFlow.Functions.OpenApi.docs.js", Script),
        ["swagger-ui-bundle.js"] = Resource(typeof(SwaggerUIOptions), $"{SwaggerUI}swagger-ui-bundle.js", Script),
        ["swagger-ui.css"] = Resource(typeof(SwaggerUIOptions), $"{SwaggerUI}swagger-ui.css", "text/css; charset=utf-8"),
        ["favicon-32x32.png"] = Resource(typeof(SwaggerUIOptions), $"{SwaggerUI}favicon-32x32.png", "image/png"),
    };

    /// <summary>Returns 200 with the file, or 304 where <c>If-None-Match</c> names it.</summary>
    [Function(nameof(GetDocsFile))]
    [AllowAnonymous]
    [Returns(200, "ETag", ContentType = "*/*")]
    [Returns(304, "ETag")]
    [RequestHeaders("If-None-Match")]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/docs/{file}")] HttpRequest request) =>
        Files.TryGetValue((string)request.RouteValues["file"]!, out var file)
            ? file.Value.Response(request)
            : throw Problem.NotFound("file").AsException();

    private static Lazy<CompressedFile> Resource(Type neighbour, string name, string contentType) => new(() =>
    {
        using var resource = neighbour.Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is missing.");
        return CompressedFile.From(contentType, resource);
    });
}
