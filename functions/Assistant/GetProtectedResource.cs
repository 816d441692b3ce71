using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;

namespace TodoFlow.Functions.Assistant;

/// <summary>GET /.well-known/oauth-protected-resource/api/mcp: where tokens for the MCP server come from (RFC 9728).</summary>
public sealed class GetProtectedResource(ProtectedResource resource)
{
    /// <summary>Returns 200 with the metadata; 404 where no external issuer is set up (<c>Auth:Authority</c>).</summary>
    [Function(nameof(GetProtectedResource))]
    [AllowAnonymous] // whoever has no token yet reads it
    [Returns<ProtectedResourceResponse>(200)]
    [Problems(404)]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = ProtectedResource.MetadataRoute)] HttpRequest request) =>
        TypedResults.Ok(resource.Describe(request));
}
