using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Audit;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Audit;

/// <summary>GET /api/tasks/{id}/history: what happened to one of the caller's tasks, also when it is gone.</summary>
public sealed class GetTaskHistory(AuditTrail trail, TaskList tasks, Caller caller)
{
    private const int MaxLimit = 1000;

    /// <summary>Returns 200 with an array, oldest first. What was changed just now may take a moment to appear.</summary>
    [Function(nameof(GetTaskHistory))]
    [Query(typeof(GetTaskHistoryQuery))]
    [Returns<List<HistoryEntry>>(200)]
    [Problems(404)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/tasks/{id:guid}/history")] HttpRequest request, CancellationToken ct)
    {
        var query = request.ReadQuery<GetTaskHistoryQuery>();
        var id = request.RouteId();
        var entries = await trail.Read(caller.UserId, id, query.Limit ?? MaxLimit, query.Offset ?? 0, ct);
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
    [DefaultValue(1000), Range(1, 1000)]
    public int? Limit { get; set; }

    /// <summary>How many entries to skip.</summary>
    [DefaultValue(0), Range(0, 1_000_000)]
    public int? Offset { get; set; }
}
