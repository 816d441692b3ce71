using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Domain.Accounts;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>POST /api/tasks/search: the caller's tasks by words, best first.</summary>
public sealed class SearchTasks(TaskSearch search, PageBudget budget, Caller caller)
{
    /// <summary>
    /// Returns 200 with one page and the number of all matches. A page of long tasks ends early. The next page is in the <c>Link</c> header:
    /// the same body, sent there.
    /// </summary>
    [Function(nameof(SearchTasks))]
    [EnableRateLimiting(ConcurrencyMiddleware.Searches)]
    [Query(typeof(SearchTasksQuery))]
    [RequiresScope(AccessScopes.TasksRead)]
    [Body(typeof(SearchTasksRequest))]
    [Returns<TaskSearchResponse>(200, "Link")]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tasks/search")] HttpRequest request, CancellationToken ct)
    {
        var page = request.ReadQuery<SearchTasksQuery>();
        var body = await request.ReadValid<SearchTasksRequest>(ct);
        var query = body.ToQuery(caller.TimeZone, page.Offset);
        var found = await search.Find(caller.UserId, query, budget, ct);
        var next = query.Offset + found.Results.Count;
        if (found.Results.Count > 0 && next < found.TotalCount)
        {
            Responses.LinkNextPage(request, "offset", next.ToString(CultureInfo.InvariantCulture));
        }

        return Responses.Tasks(found, TodoFlowJson.Wire.TaskSearchResponse, budget);
    }
}

/// <summary>Where the page begins, in a <c>Link</c> header.</summary>
public sealed record SearchTasksQuery
{
    /// <summary>How many to skip.</summary>
    [Range(0, 10_000), Description("How many to skip; counts in place of that of the body.")]
    public int? Offset { get; set; }
}

/// <summary>What is searched for.</summary>
public sealed record SearchTasksRequest
{
    /// <summary>Words.</summary>
    [TextLength(500), WordCount(20), Example("milk or bread"), Description("Words in web-search syntax: \"a phrase\", or, -not. The last word also matches as a prefix. At most 20 words.")]
    public string? Query { get; set; }

    /// <summary>What narrows the result.</summary>
    public TaskFilterRequest? Filters { get; set; }

    /// <summary>What is sorted by.</summary>
    [Description("By default the best match comes first.")]
    public TaskSort? SortBy { get; set; }

    /// <summary>In which direction.</summary>
    [DefaultValue("desc")]
    public SortOrder? Order { get; set; }

    /// <summary>How many at most.</summary>
    [DefaultValue(50), Range(1, 200)]
    public int? Limit { get; set; }

    /// <summary>How many to skip.</summary>
    [DefaultValue(0), Range(0, 10_000)]
    public int? Offset { get; set; }

    /// <summary>The search, with days taken in the user's zone.</summary>
    /// <param name="timeZone">The user's zone.</param>
    /// <param name="offset">How many to skip, in place of what the body says.</param>
    internal TaskSearchQuery ToQuery(string timeZone, int? offset) =>
        new(Query, (Filters ?? new()).ToFilter(timeZone), SortBy, Order ?? SortOrder.Desc, Limit ?? 50, offset ?? Offset ?? 0);
}
