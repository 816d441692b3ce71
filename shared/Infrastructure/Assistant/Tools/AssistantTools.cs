using System.Text.Json;
using Microsoft.Extensions.Logging;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Persistence;

namespace TodoFlow.Infrastructure.Assistant.Tools;

/// <summary>The assistant's tools, for the caller of the DI scope.</summary>
public sealed partial class AssistantTools(IEnumerable<AssistantTool> tools, ToolTelemetry telemetry, DatabaseFaults faults, ILogger<AssistantTools> log)
{
    private readonly AssistantTool[] _tools = [.. tools];

    /// <summary>The tools that a token of these scopes may call, in the order in which they are shown; the others are not there for it.</summary>
    public IReadOnlyList<AssistantTool> For(AccessScopes scopes) => [.. _tools.Where(tool => (tool.Scope & ~scopes) == AccessScopes.None)];

    /// <summary>Runs a tool. Whatever fails is a result for the model; only a call that was cancelled throws.</summary>
    /// <param name="tool">One of <see cref="For"/>.</param>
    /// <param name="arguments">What the model sent.</param>
    /// <param name="ct">Ends the wait; what was committed by then stays.</param>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public async Task<ToolResult> Invoke(AssistantTool tool, JsonElement arguments, CancellationToken ct)
    {
        using var call = telemetry.Begin(tool.Name);
        var result = await Run(tool, arguments, ct);
        call.End(result);
        return result;
    }

    private async Task<ToolResult> Run(AssistantTool tool, JsonElement arguments, CancellationToken ct)
    {
        try
        {
            return await tool.Run(arguments, ct);
        }
        catch (ProblemException error)
        {
            return ToolResult.Failed(error.Problem);
        }
        catch (Exception error) when (error is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            var outage = await faults.Of(error, ct) == DatabaseFault.Outage;
            LogFailed(error, tool.Name);
            return ToolResult.Failed(outage ? Unavailable : Internal);
        }
    }

    /// <summary>What a call is told where the database does not answer.</summary>
    public static Problem Unavailable { get; } =
        new(503, "database_unavailable", "The database cannot be reached, or took too long. The same call may be sent again: it changes nothing twice.");

    /// <summary>What a call is told where the fault is ours.</summary>
    public static Problem Internal { get; } = new(500, "internal_error", "Something went wrong on our side.");

    [LoggerMessage(Level = LogLevel.Error, Message = "The tool {Tool} failed")]
    private partial void LogFailed(Exception error, string tool);
}
