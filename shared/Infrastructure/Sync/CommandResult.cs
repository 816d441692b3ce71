using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Infrastructure.Sync;

/// <summary>What became of a command.</summary>
[JsonConverter(typeof(SnakeCaseEnum<CommandStatus>))]
public enum CommandStatus
{
    /// <summary>It was run.</summary>
    Applied,

    /// <summary>It was run before, with the result that is given again.</summary>
    Duplicate,

    /// <summary>It was run, and overwrote what others had changed since the version that it names.</summary>
    Conflict,

    /// <summary>It cannot be run, and changed nothing: the problem says why. Sent again, it is rejected again.</summary>
    Rejected,

    /// <summary>It was not run, since something failed for the moment: it is to be sent again.</summary>
    NotRun,
}

/// <summary>The result of a command.</summary>
/// <param name="Id">The command.</param>
/// <param name="Status">What became of it.</param>
public sealed record CommandResult(Guid Id, CommandStatus Status)
{
    /// <summary>The task's version after it; absent where it is about no task, or changed none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Version { get; init; }

    /// <summary>The fields that it overwrote, with the values of others (old) and its own (new).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FieldChange>? Overwritten { get; init; }

    /// <summary>Why it was not run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CommandProblem? Problem { get; init; }
}

/// <summary>Why a command was not run.</summary>
/// <param name="Status">The HTTP status that a request of its own would have got.</param>
/// <param name="Code">A stable name that programs may branch on, snake_case.</param>
/// <param name="Detail">What happened and how to mend it, for people.</param>
public sealed record CommandProblem(int Status, string Code, string Detail)
{
    /// <summary>Every field that is wrong.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FieldError>? Errors { get; init; }

    /// <summary>A problem of a command.</summary>
    public static CommandProblem Of(Problem problem) => new(problem.Status, problem.Code, problem.Detail) { Errors = problem.Errors };
}

/// <summary>How results are kept.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CommandResult))]
internal sealed partial class CommandJson : JsonSerializerContext
{
    /// <summary>As they are written.</summary>
    public static CommandJson Stored { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

/// <summary>What became of changes.</summary>
/// <param name="Results">The results of the commands, in their order.</param>
public sealed record TaskCommandsResponse(IReadOnlyList<CommandResult> Results);
