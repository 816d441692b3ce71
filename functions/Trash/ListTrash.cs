using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Trash;

/// <summary>GET /api/trash: the caller's deleted tasks that can be restored.</summary>
public sealed class ListTrash(TrashList list, PageBudget budget, Caller caller)
{
    /// <summary>Returns 200 with an array, what was deleted last first; the next page is in the <c>Link</c> header.</summary>
    [Function(nameof(ListTrash))]
    [RequiresScope(AccessScopes.TasksRead)]
    [Query(typeof(ListTrashQuery))]
    [Returns<List<TrashedTaskResponse>>(200, "Link")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/trash")] HttpRequest request, CancellationToken ct)
    {
        var query = request.ReadQuery<ListTrashQuery>();
        var (tasks, next) = await list.Page(caller.UserId, query.Limit ?? 50, query.After, budget, ct);
        if (next is not null)
        {
            Responses.LinkNextPage(request, "cursor", next.ToString());
        }

        return TypedResults.Ok(tasks);
    }
}

/// <summary>Which page of the trash is wanted.</summary>
public sealed record ListTrashQuery : IValidatableObject
{
    /// <summary>How many at most.</summary>
    [DefaultValue(50), Range(1, 200)]
    public int? Limit { get; set; }

    /// <summary>Where the page begins.</summary>
    [Description("The cursor of the Link header of the page before.")]
    public string? Cursor { get; set; }

    /// <summary>Where the page begins; null for the first.</summary>
    internal TaskCursor? After => Cursor is not null && TaskCursor.TryParse(Cursor, out var cursor) && TrashList.Knows(cursor) ? cursor : null;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Cursor is not null && After is null)
        {
            yield return new("must be the cursor of a Link header", [nameof(Cursor)]);
        }
    }
}
