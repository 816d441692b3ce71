using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>DELETE /api/tasks/{id}/tags: removes tags from a task, named in the body or, for clients that send none, in the query.</summary>
public sealed class RemoveTaskTags(TaskStore tasks, TimeProvider clock)
{
    /// <summary>Returns 200 with the task; tags that it does not have change nothing.</summary>
    [Function(nameof(RemoveTaskTags))]
    [RequiresScope(AccessScopes.TasksWrite)]
    [Body(typeof(TaskTagsRequest), IsOptional = true)]
    [Query(typeof(RemoveTaskTagsQuery))]
    [Returns<TaskResponse>(200, "ETag")]
    [RequestHeaders("If-Match")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/tasks/{id:guid}/tags")] HttpRequest request, CancellationToken ct)
    {
        var tags = request.ReadQuery<RemoveTaskTagsQuery>().Tags ?? (await request.ReadValid<TaskTagsRequest>(ct)).Tags;
        return Responses.Task(await tasks.Change(
            request.RouteId(), request.IfMatch(), task => task.RemoveTags(TaskFields.Distinct(tags), clock.GetUtcNow()), movesReminders: false, ct));
    }
}

/// <summary>Tags to remove.</summary>
public sealed record RemoveTaskTagsQuery
{
    /// <inheritdoc cref="TaskItem.Tags"/>
    [MaxLength(50), ItemLength(1, 50), Description("The tags, comma-separated, instead of a body; a comma of a tag is written %2C.")]
    public string[]? Tags { get; set; }
}
