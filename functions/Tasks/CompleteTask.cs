using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>POST /api/tasks/{id}/complete: marks a task done.</summary>
public sealed class CompleteTask(TaskStore tasks, IdempotentRequests requests, TimeProvider clock)
{
    /// <summary>Returns 200 with the task; completing it again changes nothing.</summary>
    [Function(nameof(CompleteTask))]
    [RequiresScope(AccessScopes.TasksWrite)]
    [Returns<TaskResponse>(200, "ETag")]
    [RequestHeaders("If-Match", IdempotentRequests.Header)]
    public Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tasks/{id:guid}/complete")] HttpRequest request, CancellationToken ct) =>
        requests.Once(request, async () => Responses.Task(await tasks.Change(
            request.RouteId(), request.IfMatch(), task => task.Complete(clock.GetUtcNow()), movesReminders: true, ct)), ct);
}
