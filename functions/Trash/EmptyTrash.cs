using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Trash;

/// <summary>DELETE /api/trash: deletes all tasks in the trash for good.</summary>
public sealed class EmptyTrash(TaskTrash trash)
{
    /// <summary>Returns 204, also where the trash is empty.</summary>
    [Function(nameof(EmptyTrash))]
    [RequiresScope(AccessScopes.TasksDelete)]
    [Returns(204)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/trash")] HttpRequest request, CancellationToken ct)
    {
        await trash.PurgeAll(ct);
        return TypedResults.NoContent();
    }
}
