using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>POST /api/tasks/{id}/tags: adds tags to a task.</summary>
public sealed class AddTaskTags(TaskStore tasks, IdempotentRequests requests, TimeProvider clock)
{
    /// <summary>Returns 200 with the task; tags that it has already change nothing.</summary>
    [Function(nameof(AddTaskTags))]
    [RequiresScope(AccessScopes.TasksWrite)]
    [Body(typeof(TaskTagsRequest))]
    [Returns<TaskResponse>(200, "ETag")]
    [Problems(403)]
    [RequestHeaders("If-Match", IdempotentRequests.Header)]
    public Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tasks/{id:guid}/tags")] HttpRequest request, CancellationToken ct) =>
        requests.Once(request, async () =>
        {
            var body = await request.ReadValid<TaskTagsRequest>(ct);
            return Responses.Task(await tasks.Change(
                request.RouteId(), request.IfMatch(), task => task.AddTags(TaskFields.Distinct(body.Tags), clock.GetUtcNow()), movesReminders: false, ct));
        }, ct);
}

/// <summary>Tags to add or to remove.</summary>
public sealed record TaskTagsRequest
{
    /// <inheritdoc cref="TaskItem.Tags"/>
    [Required, MaxLength(50), ItemLength(1, 50), NoControlCharacters, Example("errands", "home")]
    public string[] Tags { get; set; } = [];
}
