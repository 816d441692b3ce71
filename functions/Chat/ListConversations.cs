using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Chat;

namespace TodoFlow.Functions.Chat;

/// <summary>GET /api/chat: the caller's conversations with the assistant, the one that was used last first.</summary>
public sealed class ListConversations(Conversations conversations, Caller caller)
{
    /// <summary>Returns 200 with an array; the next page is in <c>Link</c>.</summary>
    [Function(nameof(ListConversations))]
    [RequiresScope(AccessScopes.TasksRead)]
    [Query(typeof(ListConversationsQuery))]
    [Returns<List<ConversationSummary>>(200, "Link")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/chat")] HttpRequest request, CancellationToken ct)
    {
        var query = request.ReadQuery<ListConversationsQuery>();
        var (page, more) = await conversations.Page(caller.UserId, query.Cursor, query.Limit ?? 50, ct);
        if (more)
        {
            Responses.LinkNextPage(request, "cursor", page[^1].Id.ToString());
        }

        return TypedResults.Ok(page);
    }
}

/// <summary>Which conversations are wanted.</summary>
public sealed record ListConversationsQuery
{
    /// <summary>How many at most.</summary>
    [DefaultValue(50), Range(1, 200)]
    public int? Limit { get; set; }

    /// <summary>Where the page begins.</summary>
    [Description("The cursor of the Link header of the page before: the id of its last conversation.")]
    public Guid? Cursor { get; set; }
}
