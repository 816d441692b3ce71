using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Chat;

namespace TodoFlow.Functions.Chat;

/// <summary>GET /api/chat/{id}: a conversation with its messages.</summary>
public sealed class GetConversation(Conversations conversations, Caller caller)
{
    /// <summary>Returns 200 with what was said, done and asked for, oldest first: the latest 200 messages of the user's with their responses.</summary>
    [Function(nameof(GetConversation))]
    [RequiresScope(AccessScopes.TasksRead)]
    [Returns<ConversationResponse>(200)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/chat/{id:guid}")] HttpRequest request, CancellationToken ct) =>
        TypedResults.Ok(await conversations.Get(caller.UserId, request.RouteId(), ct) ?? throw Problem.NotFound("conversation").AsException());
}
