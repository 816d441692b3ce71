using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Trash;

/// <summary>DELETE /api/trash/{id}: deletes a task in the trash for good.</summary>
public sealed class PurgeTask(TaskTrash trash)
{
    /// <summary>Returns 204.</summary>
    [Function(nameof(PurgeTask))]
    [RequiresScope(AccessScopes.TasksDelete)]
    [Returns(204)]
    [RequestHeaders("If-Match")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/trash/{id:guid}")] HttpRequest request, CancellationToken ct)
    {
        await trash.Purge(request.RouteId(), request.IfMatch(), ct);
        return TypedResults.NoContent();
    }
}
