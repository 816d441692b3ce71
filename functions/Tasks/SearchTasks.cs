using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>POST /api/tasks/search: the caller's tasks by words, best first.</summary>
public sealed class SearchTasks(TaskSearch search, Caller caller)
{
    /// <summary>Returns 200 with one page and the number of all matches.</summary>
    [Function(nameof(SearchTasks))]
    [EnableRateLimiting(ConcurrencyMiddleware.Searches)]
    [Body(typeof(SearchTasksRequest))]
    [Returns<TaskSearchResponse>(200)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tasks/search")] HttpRequest request, CancellationToken ct)
    {
        var body = await request.ReadValid<SearchTasksRequest>(ct);
        return Responses.Tasks(await search.Find(caller.UserId, body.ToQuery(caller.TimeZone), ct), TodoFlowJson.Wire.TaskSearchResponse);
    }
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
    internal TaskSearchQuery ToQuery(string timeZone) =>
        new(Query, (Filters ?? new()).ToFilter(timeZone), SortBy, Order ?? SortOrder.Desc, Limit ?? 50, Offset ?? 0);
}
