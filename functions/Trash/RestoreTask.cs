using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Trash;

/// <summary>POST /api/tasks/{id}/restore: brings a task back from the trash.</summary>
public sealed class RestoreTask(TaskTrash trash, IdempotentRequests requests)
{
    /// <summary>Returns 200 with the task; restoring one that is not in the trash changes nothing.</summary>
    [Function(nameof(RestoreTask))]
    [RequiresScope(AccessScopes.TasksWrite)]
    [Returns<TaskResponse>(200, "ETag")]
    [Problems(403, 409)]
    [RequestHeaders("If-Match", IdempotentRequests.Header)]
    public Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tasks/{id:guid}/restore")] HttpRequest request, CancellationToken ct) =>
        requests.Once(request, async () => Responses.Task(await trash.Restore(request.RouteId(), request.IfMatch(), ct)), ct);
}
