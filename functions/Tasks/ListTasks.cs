using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>GET /api/tasks: the caller's tasks, filtered, sorted and in pages.</summary>
public sealed class ListTasks(TaskList list, Caller caller)
{
    /// <summary>Answers 200 with an array; the next page is in the <c>Link</c> header.</summary>
    [Function(nameof(ListTasks))]
    [Query<ListTasksQuery>]
    [Returns<List<TaskResponse>>(200, "Link", "X-Total-Count")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/tasks")] HttpRequest request, CancellationToken ct)
    {
        var query = request.ReadQuery<ListTasksQuery>();
        var filter = query.ToFilter(caller.TimeZone);
        var (tasks, next) = await list.Page(caller.UserId, filter, query.ToPage(), ct);

        var headers = request.HttpContext.Response.Headers;
        if (next is not null)
        {
            headers.Link = $"<{NextPage(request, next)}>; rel=\"next\""; // RFC 8288
        }

        if (query.Count == true)
        {
            headers["X-Total-Count"] = (await list.Count(caller.UserId, filter, ct)).ToString(CultureInfo.InvariantCulture);
        }

        return Answers.Ok(tasks, TodoFlowJson.Wire.ListTaskResponse);
    }

    private static string NextPage(HttpRequest request, TaskCursor next)
    {
        var kept = request.Query // whose names are read in any case
            .Where(parameter => !parameter.Key.Equals("cursor", StringComparison.OrdinalIgnoreCase) && !parameter.Key.Equals("offset", StringComparison.OrdinalIgnoreCase))
            .SelectMany(parameter => parameter.Value, (parameter, value) => KeyValuePair.Create(parameter.Key, value));
        return QueryHelpers.AddQueryString("/api/tasks", [.. kept, KeyValuePair.Create("cursor", (string?)next.ToString())]);
    }
}

/// <summary>Which tasks are wanted, and how.</summary>
public sealed record ListTasksQuery : TaskFilterRequest, IChecked
{
    /// <summary>What is sorted by.</summary>
    [Default("created_at"), About("Tasks without a due date come last in either order of due_date.")]
    public TaskSort? SortBy { get; init; }

    /// <summary>In which direction.</summary>
    [Default("desc")]
    public SortOrder? Order { get; init; }

    /// <summary>How many at most.</summary>
    [Default(50), Between(1, 200)]
    public int? Limit { get; init; }

    /// <summary>How many to skip.</summary>
    [Default(0), Between(0, 10_000), About("How many tasks to skip. A cursor goes further, and is not shifted by new tasks.")]
    public int? Offset { get; init; }

    /// <summary>Where the page begins.</summary>
    [About("The cursor of the Link header of the page before.")]
    public string? Cursor { get; init; }

    /// <summary>Whether to count.</summary>
    [Default(false), About("Whether to count all matching tasks in the X-Total-Count header.")]
    public bool? Count { get; init; }

    private TaskSort Sort => SortBy ?? TaskSort.CreatedAt;

    private SortOrder Direction => Order ?? SortOrder.Desc;

    /// <inheritdoc/>
    public IEnumerable<FieldError> Check()
    {
        if (Cursor is null)
        {
            yield break;
        }

        if (!TaskCursor.TryParse(Cursor, out var cursor))
        {
            yield return new("cursor", "must be the cursor of a Link header");
        }
        else if ((cursor.Sort, cursor.Order) != (Sort, Direction))
        {
            yield return new("cursor", "belongs to another sort_by or order");
        }

        if (Offset > 0)
        {
            yield return new("offset", "must not come with a cursor");
        }
    }

    /// <summary>The page that is wanted.</summary>
    internal TaskPage ToPage() =>
        new(Sort, Direction, Limit ?? 50, Offset ?? 0, Cursor is not null && TaskCursor.TryParse(Cursor, out var cursor) ? cursor : null);
}
