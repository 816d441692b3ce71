using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Audit;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Audit;

/// <summary>GET /api/tasks/{id}/history: what happened to one of the caller's tasks, also when it is gone.</summary>
public sealed class GetTaskHistory(AuditTrail trail, TaskList tasks, PageBudget budget, Caller caller)
{
    private const int DefaultLimit = 100;

    /// <summary>
    /// Returns 200 with an array, oldest first; the next page is in the <c>Link</c> header. What was changed just now may take a moment to
    /// appear.
    /// </summary>
    [Function(nameof(GetTaskHistory))]
    [RequiresScope(AccessScopes.TasksRead)]
    [Query(typeof(GetTaskHistoryQuery))]
    [Returns<List<HistoryEntry>>(200, "Link")]
    [Problems(404)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/tasks/{id:guid}/history")] HttpRequest request, CancellationToken ct)
    {
        var query = request.ReadQuery<GetTaskHistoryQuery>();
        var id = request.RouteId();
        var (entries, more) = await trail.Page(caller.UserId, id, query.Cursor, query.Limit ?? DefaultLimit, query.Offset ?? 0, budget, ct);
        if (more)
        {
            Responses.LinkNextPage(request, "cursor", entries[^1].EventId.ToString());
        }

        if (entries.Count == 0 && (query.Offset ?? 0) == 0)
        {
            await tasks.Get(caller.UserId, id, ct); // a task so new that nothing is recorded yet, or a 404
        }

        return TypedResults.Ok(entries);
    }
}

/// <summary>Which part of the history is wanted.</summary>
public sealed record GetTaskHistoryQuery
{
    /// <summary>How many entries at most.</summary>
    [DefaultValue(100), Range(1, 1000), Description("How many at most. A page of long entries ends earlier; Link says whether more follow.")]
    public int? Limit { get; set; }

    /// <summary>How many entries to skip.</summary>
    [DefaultValue(0), Range(0, 1_000_000)]
    public int? Offset { get; set; }

    /// <summary>Where the page begins.</summary>
    [Description("The cursor of the Link header of the page before: the event_id of its last entry. An offset counts from there.")]
    public Guid? Cursor { get; set; }
}
