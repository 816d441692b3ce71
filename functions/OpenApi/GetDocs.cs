using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;

namespace TodoFlow.Functions.OpenApi;

/// <summary>GET /api/docs: the API's documentation as a page (Swagger UI), which can send requests too.</summary>
public sealed class GetDocs
{
    /// <summary>Returns 200 with the page; its files are below it.</summary>
    [Function(nameof(GetDocs))]
    [AllowAnonymous]
    [Returns(200, ContentType = "text/html")]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/docs")] HttpRequest request)
    {
        // Addresses are relative, so that the page works behind any prefix, with and without a slash at its end.
        var folder = request.Path.Value!.EndsWith('/') ? "" : "docs/";
        var headers = request.HttpContext.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        return TypedResults.Content(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <title>TodoFlow API</title>
              <link rel="icon" type="image/png" href="{folder}favicon-32x32.png">
              <link rel="stylesheet" href="{folder}swagger-ui.css">
              <script src="{folder}swagger-ui-bundle.js" defer></script>
              <script src="{folder}docs.js" defer></script>
            </head>
            <body>
              <div id="docs"></div>
            </body>
            </html>
            """,
            "text/html; charset=utf-8");
    }
}
