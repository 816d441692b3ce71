using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>POST /api/tasks/{id}/skip: moves a recurring task on to its next occurrence without completing it.</summary>
public sealed class SkipTask(TaskStore tasks, IdempotentRequests requests, TimeProvider clock)
{
    /// <summary>Returns 200 with the task, due as the next one would be; its reminders before the due date move with it. 409 for a task that does not recur, is completed, or is the last of its series.</summary>
    [Function(nameof(SkipTask))]
    [RequiresScope(AccessScopes.TasksWrite)]
    [Returns<TaskResponse>(200, "ETag")]
    [Problems(409)]
    [RequestHeaders("If-Match", IdempotentRequests.Header)]
    public Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tasks/{id:guid}/skip")] HttpRequest request, CancellationToken ct) =>
        requests.Once(request, async () => Responses.Task(await tasks.Change(
            request.RouteId(), request.IfMatch(), task => task.Skip(clock.GetUtcNow()), movesReminders: true, ct)), ct);
}
