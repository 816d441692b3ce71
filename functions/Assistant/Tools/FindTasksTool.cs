using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Json;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Http;
using TodoFlow.Functions.Middleware;
using TodoFlow.Functions.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Tools;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Assistant.Tools;

/// <summary>Finds tasks by words and filters, or lists the trash.</summary>
internal sealed class FindTasksTool(TaskList list, TaskSearch search, SearchTurns turns, TrashList trash, PageBudget budget, Caller caller, TimeProvider clock) : AssistantTool
{
    private const int DefaultLimit = 20;

    private static readonly JsonElement Input = ToolSchemas.Parse(
        """
        {"type":"object","properties":{"query":{"type":"string","description":"words; \"a phrase\", or, -not"},"status":{"enum":["pending","completed","any"],"default":"pending"},
        "priority":{"enum":["low","medium","high"]},"tags":{"type":"array","items":{"type":"string"},"description":"all of them"},
        "due_from":{"type":"string"},"due_until":{"type":"string","description":"inclusive day"},"overdue":{"type":"boolean"},
        "in_trash":{"type":"boolean","description":"list the trash; takes no filter"},
        "sort_by":{"enum":["due_date","priority","created_at","updated_at","title"]},"order":{"enum":["asc","desc"]},"limit":{"type":"integer","maximum":50,"default":20},
        "cursor":{"type":"string","description":"next_cursor of the page before"}}}
        """);

    private static readonly JsonElement Output = ToolSchemas.Parse(
        """{"type":"object","properties":{"tasks":{"type":"array","items":{"type":"object"}},"next_cursor":{"type":"string"}},"required":["tasks"]}""");

    /// <inheritdoc/>
    public override string Name => "find_tasks";

    /// <inheritdoc/>
    public override string Title => "Find tasks";

    /// <inheritdoc/>
    public override string Description => "Finds tasks by words and filters; without either lists open tasks, soonest due first. get_task has descriptions and reminders.";

    /// <inheritdoc/>
    public override AccessScopes Scope => AccessScopes.TasksRead;

    /// <inheritdoc/>
    public override bool ReadOnly => true;

    /// <inheritdoc/>
    public override JsonElement InputSchema => Input;

    /// <inheritdoc/>
    public override JsonElement OutputSchema => Output;

    /// <inheritdoc/>
    protected override async Task<ToolResult> Run(JsonElement arguments, CancellationToken ct)
    {
        var fields = ToolArguments.Fields(arguments, Input);
        var find = ToolArguments.Read<FindTasksArguments>(fields);
        var (tasks, next) = find.InTrash == true ? await Trashed(find, fields, ct)
            : string.IsNullOrWhiteSpace(find.Query) ? await Listed(find, ct)
            : await Searched(find, ct);
        var found = new JsonObject { ["tasks"] = new JsonArray([.. tasks]) };
        if (next is not null)
        {
            found["next_cursor"] = next;
        }

        return ToolResult.Read(found);
    }

    private async Task<(IEnumerable<JsonObject> Tasks, string? Next)> Listed(FindTasksArguments find, CancellationToken ct)
    {
        var (sort, order) = (find.SortBy ?? TaskSort.DueDate, find.Order ?? (find.SortBy is null or TaskSort.DueDate or TaskSort.Title ? SortOrder.Asc : SortOrder.Desc));
        TaskCursor? after = null;
        if (find.Cursor is not null && (!TaskCursor.TryParse(find.Cursor, out after) || (after.Sort, after.Order) != (sort, order)))
        {
            throw WrongCursor();
        }

        var (tasks, next) = await list.Page(caller.UserId, find.ToFilter(caller.TimeZone), new(sort, order, find.Limit ?? DefaultLimit, 0, after), budget, ct);
        return (tasks.Select(Json), next?.ToString());
    }

    private async Task<(IEnumerable<JsonObject> Tasks, string? Next)> Searched(FindTasksArguments find, CancellationToken ct)
    {
        var offset = 0;
        if (find.Cursor is not null && (!int.TryParse(find.Cursor, NumberStyles.None, CultureInfo.InvariantCulture, out offset) || offset > 10_000))
        {
            throw WrongCursor();
        }

        using var turn = await turns.Wait(caller.UserId, ct);
        var found = await search.Find(
            caller.UserId, new(find.Query, find.ToFilter(caller.TimeZone), find.SortBy, find.Order ?? SortOrder.Desc, find.Limit ?? DefaultLimit, offset), budget, ct);
        var behind = offset + found.Results.Count;
        return (found.Results.Select(Json), found.Results.Count > 0 && behind < found.TotalCount ? behind.ToString(CultureInfo.InvariantCulture) : null);
    }

    private async Task<(IEnumerable<JsonObject> Tasks, string? Next)> Trashed(FindTasksArguments find, IReadOnlyDictionary<string, JsonElement> fields, CancellationToken ct)
    {
        var others = fields.Keys.Except(["in_trash", "limit", "cursor"]).ToList();
        if (others.Count > 0)
        {
            throw Problem.Invalid([.. others.Select(name => new FieldError(name, "does not go with in_trash"))]).AsException();
        }

        TaskCursor? after = null;
        if (find.Cursor is not null && !(TaskCursor.TryParse(find.Cursor, out after) && TrashList.Knows(after)))
        {
            throw WrongCursor();
        }

        var (tasks, next) = await trash.Page(caller.UserId, find.Limit ?? DefaultLimit, after, budget, ct);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(caller.TimeZone);
        return (tasks.Select(trashed =>
        {
            var json = Json(trashed.Task);
            json["deleted_at"] = ToolJson.In(zone, trashed.DeletedAt);
            json["deleted_weekday"] = ToolJson.Weekday(zone, trashed.DeletedAt);
            return json;
        }), next?.ToString());
    }

    private JsonObject Json(TaskResponse task) => ToolJson.Of(task, clock.GetUtcNow());

    private static ProblemException WrongCursor() => Problem.Invalid("cursor", "must be the next_cursor of the same question").AsException();
}

/// <summary>Of which status tasks are found.</summary>
[JsonConverter(typeof(SnakeCaseEnum<FoundStatus>))]
public enum FoundStatus
{
    /// <summary>To be done.</summary>
    Pending,

    /// <summary>Done.</summary>
    Completed,

    /// <summary>Either.</summary>
    Any,
}

/// <summary>What <c>find_tasks</c> is asked.</summary>
public sealed record FindTasksArguments
{
    /// <summary>Words.</summary>
    [TextLength(500), WordCount(20)]
    public string? Query { get; set; }

    /// <summary>Of this status; by default pending.</summary>
    public FoundStatus? Status { get; set; }

    /// <inheritdoc cref="TaskFilter.Priority"/>
    public TaskPriority? Priority { get; set; }

    /// <inheritdoc cref="TaskFilter.Tags"/>
    [MaxLength(50), ItemLength(1, 50)]
    public string[]? Tags { get; set; }

    /// <summary>Due on this day or later, or at this instant or later.</summary>
    public WrittenDueDate? DueFrom { get; set; }

    /// <summary>Due on this day or earlier, or before this instant.</summary>
    public WrittenDueDate? DueUntil { get; set; }

    /// <inheritdoc cref="TaskFilter.Overdue"/>
    public bool? Overdue { get; set; }

    /// <summary>Whether the trash is listed.</summary>
    public bool? InTrash { get; set; }

    /// <summary>What is sorted by; by default the best match, or the due date.</summary>
    public TaskSort? SortBy { get; set; }

    /// <summary>In which direction.</summary>
    public SortOrder? Order { get; set; }

    /// <summary>How many at most.</summary>
    [Range(1, 50)]
    public int? Limit { get; set; }

    /// <summary>Where the page begins.</summary>
    public string? Cursor { get; set; }

    /// <summary>The filter, with days and local times taken in the user's zone.</summary>
    internal TaskFilter ToFilter(string timeZone)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(timeZone);
        return new()
        {
            Status = Status switch
            {
                FoundStatus.Any => null,
                FoundStatus.Completed => TaskItemStatus.Completed,
                _ => TaskItemStatus.Pending,
            },
            Priority = Priority,
            Tags = Tags is null ? null : TaskFields.Distinct(Tags),
            DueFrom = DueFrom?.In(zone).DueAt(zone),
            DueBefore = DueUntil?.In(zone).OverdueAt(zone),
            Overdue = Overdue,
        };
    }
}
