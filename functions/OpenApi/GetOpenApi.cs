using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;

namespace TodoFlow.Functions.OpenApi;

/// <summary>GET /api/openapi.json: this description of the API.</summary>
public sealed class GetOpenApi
{
    private static readonly Lazy<CompressedFile> Document = new(() =>
        CompressedFile.From("application/json; charset=utf-8", ApiDescription.Utf8.Span));

    /// <summary>Returns 200 with an OpenAPI 3.1 document, or 304 where <c>If-None-Match</c> names it.</summary>
    [Function(nameof(GetOpenApi))]
    [AllowAnonymous]
    [Returns(200, "ETag", ContentType = "application/json")]
    [Returns(304, "ETag")]
    [RequestHeaders("If-None-Match")]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/openapi.json")] HttpRequest request) =>
        Document.Value.Response(request);
}
