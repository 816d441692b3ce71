using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>GET /api/tasks: the caller's tasks, filtered, sorted and in pages.</summary>
public sealed class ListTasks(TaskList list, PageBudget budget, Caller caller)
{
    /// <summary>Returns 200 with an array; the next page is in the <c>Link</c> header.</summary>
    [Function(nameof(ListTasks))]
    [RequiresScope(AccessScopes.TasksRead)]
    [Query(typeof(ListTasksQuery))]
    [Returns<List<TaskResponse>>(200, "Link", "X-Total-Count")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/tasks")] HttpRequest request, CancellationToken ct)
    {
        var query = request.ReadQuery<ListTasksQuery>();
        var filter = query.ToFilter(caller.TimeZone);
        var (tasks, next) = await list.Page(caller.UserId, filter, query.ToPage(), budget, ct);

        if (next is not null)
        {
            Responses.LinkNextPage(request, "cursor", next.ToString());
        }

        if (query.Count == true)
        {
            request.HttpContext.Response.Headers["X-Total-Count"] = (await list.Count(caller.UserId, filter, ct)).ToString(CultureInfo.InvariantCulture);
        }

        return Responses.Tasks(tasks, TodoFlowJson.Wire.ListTaskResponse, budget);
    }
}

/// <summary>Which tasks are wanted, and how.</summary>
public sealed record ListTasksQuery : TaskFilterFields, IValidatableObject
{
    /// <inheritdoc cref="TaskFilter.Status"/>
    [Description("Of this status; repeated, of any of them.")]
    public TaskItemStatus[]? Status { get; set; }

    /// <inheritdoc cref="TaskFilter.Priority"/>
    [Description("Of this priority; repeated, of any of them.")]
    public TaskPriority[]? Priority { get; set; }

    /// <summary>What is sorted by.</summary>
    [DefaultValue("created_at"), Description("Tasks without a due date come last in either order of due_date.")]
    public TaskSort? SortBy { get; set; }

    /// <summary>In which direction.</summary>
    [DefaultValue("desc")]
    public SortOrder? Order { get; set; }

    /// <summary>How many at most.</summary>
    [DefaultValue(50), Range(1, 200), Description("How many at most. A page of long tasks ends earlier; Link says whether more follow.")]
    public int? Limit { get; set; }

    /// <summary>How many to skip.</summary>
    [DefaultValue(0), Range(0, 10_000), Description("How many tasks to skip. A cursor goes further, and is not shifted by new tasks.")]
    public int? Offset { get; set; }

    /// <summary>Where the page begins.</summary>
    [Description("The cursor of the Link header of the page before.")]
    public string? Cursor { get; set; }

    /// <summary>Whether to count.</summary>
    [DefaultValue(false), Description("Whether to count all matching tasks in the X-Total-Count header.")]
    public bool? Count { get; set; }

    private TaskSort Sort => SortBy ?? TaskSort.CreatedAt;

    private SortOrder Direction => Order ?? SortOrder.Desc;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Cursor is null)
        {
            yield break;
        }

        if (!TaskCursor.TryParse(Cursor, out var cursor))
        {
            yield return new("must be the cursor of a Link header", [nameof(Cursor)]);
        }
        else if ((cursor.Sort, cursor.Order) != (Sort, Direction))
        {
            yield return new("belongs to another sort_by or order", [nameof(Cursor)]);
        }

        if (Offset > 0)
        {
            yield return new("must not come with a cursor", [nameof(Offset)]);
        }
    }

    /// <inheritdoc/>
    internal override TaskFilter ToFilter(string timeZone)
    {
        var (status, priority) = (Status?.Distinct().ToArray() ?? [], Priority?.Distinct().ToArray() ?? []);
        return base.ToFilter(timeZone) with
        {
            Status = status.Length == 1 ? status[0] : null, // both are all
            Priority = priority.Length == 1 ? priority[0] : null,
            PriorityAny = priority.Length == 2 ? priority : null, // and so are three
        };
    }

    /// <summary>The page that is wanted.</summary>
    internal TaskPage ToPage() =>
        new(Sort, Direction, Limit ?? 50, Offset ?? 0, Cursor is not null && TaskCursor.TryParse(Cursor, out var cursor) ? cursor : null);
}
