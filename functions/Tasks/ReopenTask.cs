using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>POST /api/tasks/{id}/reopen: marks a task to be done again.</summary>
public sealed class ReopenTask(TaskStore tasks, IdempotentRequests requests, TimeProvider clock)
{
    /// <summary>Returns 200 with the task; reopening a pending one changes nothing.</summary>
    [Function(nameof(ReopenTask))]
    [RequiresScope(AccessScopes.TasksWrite)]
    [Returns<TaskResponse>(200, "ETag")]
    [RequestHeaders("If-Match", IdempotentRequests.Header)]
    public Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tasks/{id:guid}/reopen")] HttpRequest request, CancellationToken ct) =>
        requests.Once(request, async () => Responses.Task(await tasks.Change(
            request.RouteId(), request.IfMatch(), [(task, next) => task.Reopen(next, clock.GetUtcNow())], movesReminders: true, ct)), ct);
}
