using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>DELETE /api/tasks/{id}: moves a task to the trash.</summary>
public sealed class DeleteTask(TaskStore tasks)
{
    /// <summary>Returns 204. A delete beats an edit: whoever edits the task afterwards finds none.</summary>
    [Function(nameof(DeleteTask))]
    [RequiresScope(AccessScopes.TasksDelete)]
    [Returns(204)]
    [RequestHeaders("If-Match")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/tasks/{id:guid}")] HttpRequest request, CancellationToken ct)
    {
        await tasks.Delete(request.RouteId(), request.IfMatch(), ct);
        return TypedResults.NoContent();
    }
}
