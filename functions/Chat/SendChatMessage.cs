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

/// <summary>POST /api/chat: sends a message to the assistant.</summary>
public sealed class SendChatMessage(ChatTurns chat)
{
    /// <summary>
    /// Returns 200 with what the assistant says, what was committed (<c>actions</c>), and what waits for an approval. With
    /// <c>Accept: text/event-stream</c> the same comes as server-sent events while it happens: <c>delta</c>, <c>tool</c>,
    /// <c>approval_required</c>, and at the end <c>done</c> with the response or <c>error</c> with a problem.
    /// </summary>
    [Function(nameof(SendChatMessage))]
    [EnableRateLimiting(ConcurrencyMiddleware.Chats)]
    [RequiresScope(AccessScopes.TasksRead)] // each tool needs its own, too
    [Body(typeof(SendChatMessageRequest))]
    [Returns<ChatResponse>(200, Events = typeof(ChatEvent))]
    [Problems(403, 404, 409, 502, 504)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/chat")] HttpRequest request, CancellationToken ct)
    {
        var body = await request.ReadValid<SendChatMessageRequest>(ct);
        return await ChatEventStream.Respond(request, (events, client) => chat.Send(body.Message.Trim(), body.ConversationId, events, client), ct);
    }
}

/// <summary>A message to the assistant.</summary>
public sealed record SendChatMessageRequest
{
    /// <summary>What the user says.</summary>
    [Description("What the user says."), Required, TextLength(4000, MinimumLength = 1, Trimmed = true), Example("Move everything that is due today to tomorrow")]
    public string Message { get; set; } = "";

    /// <summary>The conversation.</summary>
    [Description("The conversation that the message belongs to, as the response before named it; none begins one.")]
    public Guid? ConversationId { get; set; }
}
