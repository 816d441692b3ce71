using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;
using TodoFlow.Domain.Problems;

namespace TodoFlow.Infrastructure.Assistant.Tools;

/// <summary>What a tool's call came to.</summary>
/// <param name="Structured">What the model is told: of the tool's output schema, or <c>{"error": {code, detail, errors?}}</c>.</param>
/// <param name="IsError">Whether the call failed as a whole. Of a batch, items that failed say so in their own results.</param>
/// <param name="Actions">What was committed, as the stores returned it; never what was only asked for.</param>
public sealed record ToolResult(JsonObject Structured, bool IsError, IReadOnlyList<ToolAction> Actions)
{
    /// <summary>A call that changed nothing.</summary>
    public static ToolResult Read(JsonObject structured) => new(structured, false, []);

    /// <summary>A call that failed as a whole.</summary>
    public static ToolResult Failed(Problem problem) => new(new JsonObject { ["error"] = ErrorOf(problem) }, true, []);

    /// <summary>A problem as a model is told of it: its code, what to do about it, and each field that is wrong.</summary>
    public static JsonObject ErrorOf(Problem problem)
    {
        var error = new JsonObject { ["code"] = problem.Code, ["detail"] = problem.Detail };
        if (problem.Errors is { Count: > 0 } errors)
        {
            error["errors"] = new JsonArray([.. errors.Select(one => new JsonObject { ["field"] = one.Field, ["message"] = one.Message })]);
        }

        return error;
    }
}

/// <summary>One change that was committed.</summary>
/// <param name="Type">What was done.</param>
/// <param name="TaskId">To which task.</param>
/// <param name="Title">The task's title by then.</param>
/// <param name="Version">The task's version by then.</param>
public sealed record ToolAction(ToolActionType Type, Guid TaskId, string Title, long Version);

/// <summary>What was done to a task.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ToolActionType>))]
public enum ToolActionType
{
    /// <summary>It was added.</summary>
    Created,

    /// <summary>Some of its fields were changed.</summary>
    Updated,

    /// <summary>Its due date was moved.</summary>
    Rescheduled,

    /// <summary>It was marked done.</summary>
    Completed,

    /// <summary>It was marked to be done again.</summary>
    Reopened,

    /// <summary>Its reminders were changed.</summary>
    RemindersSet,

    /// <summary>It was moved to the trash.</summary>
    Deleted,

    /// <summary>It was brought back from the trash.</summary>
    Restored,
}
