using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>GET /api/tasks/{id}: one of the caller's tasks.</summary>
public sealed class GetTask(TaskList tasks, Caller caller)
{
    /// <summary>Returns 200 with the task, or 304 where <c>If-None-Match</c> names its version.</summary>
    [Function(nameof(GetTask))]
    [RequiresScope(AccessScopes.TasksRead)]
    [Returns<TaskResponse>(200, "ETag")]
    [Returns(304, "ETag")]
    [RequestHeaders("If-None-Match")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/tasks/{id:guid}")] HttpRequest request, CancellationToken ct)
    {
        var task = await tasks.Get(caller.UserId, request.RouteId(), ct);
        return request.HasAlready(task.Version) ? TypedResults.StatusCode(StatusCodes.Status304NotModified).WithETag(task.Version) : Responses.Task(task);
    }
}
