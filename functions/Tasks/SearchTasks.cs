using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using TodoFlow.Functions.Http;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>POST /api/tasks/search: the caller's tasks by words, best first.</summary>
public sealed class SearchTasks(TaskSearch search, Caller caller)
{
    /// <summary>Answers 200 with one page and the number of all matches.</summary>
    [Function(nameof(SearchTasks))]
    [Body<SearchTasksRequest>]
    [Returns<TaskSearchResponse>(200)]
    public async Task<IResult> Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/tasks/search")] HttpRequest request, CancellationToken ct)
    {
        var body = await request.ReadValid<SearchTasksRequest>(ct);
        return Answers.Ok(await search.Find(caller.UserId, body.ToQuery(caller.TimeZone), ct), TodoFlowJson.Wire.TaskSearchResponse);
    }
}

/// <summary>What is searched for.</summary>
public sealed record SearchTasksRequest
{
    /// <summary>Words.</summary>
    [Characters(0, 500), Example("milk or bread"), About("Words in web-search syntax: \"a phrase\", or, -not. The last word also matches as a prefix.")]
    public string? Query { get; init; }

    /// <summary>What narrows the result.</summary>
    public TaskFilterRequest? Filters { get; init; }

    /// <summary>What is sorted by.</summary>
    [About("By default the best match comes first.")]
    public TaskSort? SortBy { get; init; }

    /// <summary>In which direction.</summary>
    [Default("desc")]
    public SortOrder? Order { get; init; }

    /// <summary>How many at most.</summary>
    [Default(50), Between(1, 200)]
    public int? Limit { get; init; }

    /// <summary>How many to skip.</summary>
    [Default(0), Between(0, 10_000)]
    public int? Offset { get; init; }

    /// <summary>The search, with days taken in the user's zone.</summary>
    internal TaskSearchQuery ToQuery(string timeZone) =>
        new(Query, (Filters ?? new()).ToFilter(timeZone), SortBy, Order ?? SortOrder.Desc, Limit ?? 50, Offset ?? 0);
}
