using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>PUT /api/tasks/{id}/priority: sets how urgent a task is.</summary>
public sealed class SetTaskPriority(TaskStore tasks, TimeProvider clock)
{
    /// <summary>Returns 200 with the task; setting the same priority changes nothing.</summary>
    [Function(nameof(SetTaskPriority))]
    [RequiresScope(AccessScopes.TasksWrite)]
    [Body(typeof(SetTaskPriorityRequest))]
    [Returns<TaskResponse>(200, "ETag")]
    [RequestHeaders("If-Match")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/tasks/{id:guid}/priority")] HttpRequest request, CancellationToken ct)
    {
        var body = await request.ReadValid<SetTaskPriorityRequest>(ct);
        var edit = new TaskEdit { Priority = body.Priority!.Value };
        return Responses.Task(await tasks.Change(
            request.RouteId(), request.IfMatch(), task => task.Update(edit, null, clock.GetUtcNow()), movesReminders: false, ct));
    }
}

/// <summary>A priority.</summary>
public sealed record SetTaskPriorityRequest
{
    /// <inheritdoc cref="TaskItem.Priority"/>
    [Required, Example("high")]
    public TaskPriority? Priority { get; set; }
}
