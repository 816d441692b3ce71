using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Tools;

namespace TodoFlow.Functions.Assistant;

/// <summary>POST /api/mcp: the assistant's tools for programs that speak the Model Context Protocol.</summary>
public sealed class ServeMcp(McpEndpoint endpoint, AssistantTools tools, Caller caller)
{
    /// <summary>
    /// Takes one JSON-RPC message, and returns 200 with the response as an event of <c>text/event-stream</c>, or 202 where a notification needs
    /// none. There are no sessions. What the protocol refuses is a JSON-RPC error; what is refused before it, a problem. docs/mcp.md tells
    /// how to connect a client, and what the tools do.
    /// </summary>
    [Function(nameof(ServeMcp))]
    [RequiresScope(AccessScopes.TasksRead)] // each tool needs its own, too
    [ProtectedResource]
    [FileBody("application/json")]
    [Returns(200, ContentType = "text/event-stream")]
    [Returns(202)]
    [Returns(400, ContentType = "application/json")]
    [Returns(404, ContentType = "application/json")]
    [Returns(406, ContentType = "application/json")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = ProtectedResource.Route)] HttpRequest request, CancellationToken ct)
    {
        request.Body = new MemoryStream((await request.ReadJson(ct)).ToArray(), writable: false); // within the limit of every body
        // Written here, and not by a result: until it is, the request holds its place among those that run at once.
        await endpoint.Serve(request.HttpContext, tools, caller.Subject.Scopes);
        return TypedResults.Empty;
    }
}
