using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Assistant.Chat;

namespace TodoFlow.Functions.Chat;

/// <summary>POST /api/chat/{id}/approvals: approves or refuses what the assistant asked for.</summary>
public sealed class DecideChatApproval(ChatTurns chat)
{
    /// <summary>
    /// What is approved is done exactly as it was shown; then the assistant goes on. Returns what POST /api/chat does, also as server-sent
    /// events. What was decided before, or was left behind by a later message, is 409 <c>approval_decided</c>.
    /// </summary>
    [Function(nameof(DecideChatApproval))]
    [EnableRateLimiting(ConcurrencyMiddleware.Chats)]
    [RequiresScope(AccessScopes.TasksRead)] // the tool that is approved needs its own, too
    [Body(typeof(DecideChatApprovalRequest))]
    [Returns<ChatResponse>(200, Events = typeof(ChatEvent))]
    [Problems(403, 409, 502, 504)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/chat/{id:guid}/approvals")] HttpRequest request, CancellationToken ct)
    {
        var (id, body) = (request.RouteId(), await request.ReadValid<DecideChatApprovalRequest>(ct));
        return await ChatEventStream.Respond(request, (events, client) => chat.Decide(id, body.RequestId!.Value, body.Approve!.Value, events, client), ct);
    }
}

/// <summary>A decision about what the assistant asked for.</summary>
public sealed record DecideChatApprovalRequest
{
    /// <summary>What it asked for.</summary>
    [Description("The request_id of the approval."), Required, Example("0190a4a0-0000-7000-8000-000000000001")]
    public Guid? RequestId { get; set; }

    /// <summary>Whether it may do it.</summary>
    [Description("true lets it be done, false leaves it."), Required, Example(true)]
    public bool? Approve { get; set; }
}
