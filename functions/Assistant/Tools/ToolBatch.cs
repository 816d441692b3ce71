using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Assistant.Tools;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Functions.Assistant.Tools;

/// <summary>What became of one item of a batch.</summary>
/// <param name="Status">What was done, or <c>unchanged</c>.</param>
/// <param name="Task">The task as it is stored; null where it is in the trash.</param>
/// <param name="Action">What was committed; null where nothing was.</param>
internal sealed record ItemResult(string Status, TaskResponse? Task, ToolAction? Action)
{
    /// <summary>What the model is told besides; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>More about the task; null for nothing.</summary>
    public JsonObject? More { get; init; }

    /// <summary>A change, or none.</summary>
    public static ItemResult Of(ToolActionType type, TaskResponse task, bool isChanged) => new(
        isChanged ? JsonNamingPolicy.SnakeCaseLower.ConvertName(type.ToString()) : "unchanged", task,
        isChanged ? new(type, task.Id, task.Title, task.Version) : null);
}

/// <summary>
/// Runs the items of a call one after the other, each in a transaction of its own. One that fails does not stop the others; where the
/// database does not answer, the rest is left as it is.
/// </summary>
internal sealed partial class ToolBatch(DatabaseFaults faults, TimeProvider clock, ILogger<ToolBatch> log)
{
    /// <summary>How many items a call has; 0 where its list is none.</summary>
    public static int Count(JsonElement arguments, string list) =>
        arguments.ValueKind == JsonValueKind.Object && arguments.TryGetProperty(list, out var items) && items.ValueKind == JsonValueKind.Array ? items.GetArrayLength() : 0;

    /// <summary>The items of a call.</summary>
    /// <exception cref="ProblemException">400: there is no list of 1 to 25 of them.</exception>
    public static List<JsonElement> Items(IReadOnlyDictionary<string, JsonElement> fields, string list) =>
        !fields.TryGetValue(list, out var items) ? throw Problem.Invalid(list, "is required").AsException()
        : items.ValueKind != JsonValueKind.Array || items.GetArrayLength() is 0 or > AssistantTool.MaxItems
            ? throw Problem.Invalid(list, $"must be a list of 1 to {AssistantTool.MaxItems} entries: send more in several calls").AsException()
        : [.. items.EnumerateArray()];

    /// <summary>An id.</summary>
    /// <exception cref="ProblemException">400: it is no UUID.</exception>
    public static Guid IdOf(JsonElement value, string field) =>
        value.ValueKind == JsonValueKind.Undefined ? throw Problem.Invalid(field, "is required").AsException()
        : value.ValueKind == JsonValueKind.String && value.TryGetGuid(out var id) ? id
        : throw Problem.Invalid(field, "must be a UUID").AsException();

    /// <summary>The id that an item names; null where it names none.</summary>
    public static string? NamedBy(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.String => TextOf(item),
        JsonValueKind.Object => item.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? TextOf(id) : null,
        _ => null,
    };

    /// <summary>Runs the items.</summary>
    /// <param name="items">The items.</param>
    /// <param name="idOf">The task that an item names; null where it names none, or none that can be read.</param>
    /// <param name="run">Runs one.</param>
    /// <param name="ct">Ends the wait: what was committed by then is the result, and where nothing was, it throws.</param>
    public async Task<ToolResult> Run<T>(IReadOnlyList<T> items, Func<T, string?> idOf, Func<T, Task<ItemResult>> run, CancellationToken ct)
    {
        var (results, actions, failed) = (new JsonArray(), new List<ToolAction>(), 0);
        var stopped = false;
        foreach (var (index, item) in items.Index())
        {
            var result = new JsonObject { ["index"] = index };
            if (idOf(item) is { } id)
            {
                result["id"] = id;
            }

            if (stopped)
            {
                result["status"] = "not_run";
                failed++;
            }
            else
            {
                try
                {
                    var done = await run(item);
                    Write(result, done);
                    if (done.Action is { } action)
                    {
                        actions.Add(action);
                    }
                }
                catch (OperationCanceledException) when (ct.IsCancellationRequested && actions.Count > 0)
                {
                    // Who asked may be gone, but whoever keeps the record is to be told what was committed.
                    result["status"] = "not_run";
                    stopped = true;
                    failed++;
                }
                catch (Exception error) when (error is not OperationCanceledException || !ct.IsCancellationRequested)
                {
                    var problem = await ProblemOf(error, ct);
                    result["status"] = "failed";
                    result["error"] = ToolResult.ErrorOf(problem);
                    stopped = problem.Status >= 500;
                    failed++;
                }
            }

            results.Add(result);
        }

        return new(new() { ["results"] = results, ["changed"] = actions.Count, ["failed"] = failed }, false, actions);
    }

    // No longer than an id; JSON can spell half a surrogate pair, which is no text.
    private static string? TextOf(JsonElement id) => id.TryGetGuid(out var read) ? read.ToString() : null;

    private void Write(JsonObject result, ItemResult done)
    {
        result["status"] = done.Status;
        if (done.Note is { } note)
        {
            result["note"] = note;
        }

        if (done.Task is { } task)
        {
            result["id"] = task.Id.ToString();
            result["task"] = done.More ?? ToolJson.Of(task, clock.GetUtcNow());
        }
    }

    private async Task<Problem> ProblemOf(Exception error, CancellationToken ct)
    {
        if (error is ProblemException { Problem: var problem })
        {
            return problem;
        }

        var outage = await faults.Of(error, ct) == DatabaseFault.Outage;
        LogFailed(error);
        return outage ? AssistantTools.Unavailable : AssistantTools.Internal;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "An item of a tool's call failed")]
    private partial void LogFailed(Exception error);
}
