using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Chat;

namespace TodoFlow.Functions.Chat;

/// <summary>DELETE /api/chat/{id}: deletes a conversation.</summary>
public sealed class DeleteConversation(Conversations conversations, Caller caller)
{
    /// <summary>Returns 204. The tasks stay as they are.</summary>
    [Function(nameof(DeleteConversation))]
    [RequiresScope(AccessScopes.TasksRead)] // it is the caller's own, and no task goes with it
    [Returns(204)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/chat/{id:guid}")] HttpRequest request, CancellationToken ct) =>
        await conversations.Delete(caller.UserId, request.RouteId(), ct) ? TypedResults.NoContent() : throw Problem.NotFound("conversation").AsException();
}
