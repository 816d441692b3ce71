using System.Text.Json;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;

namespace TodoFlow.Infrastructure.Assistant.Tools;

/// <summary>
/// Something that a language model may do with the caller's tasks, through MCP or in the chat. It acts as the
/// <see cref="Accounts.Caller"/> of the DI scope that it was made in, so no argument can name another user.
/// </summary>
public abstract class AssistantTool
{
    /// <summary>How many tasks one call may change at most.</summary>
    public const int MaxItems = 25;

    /// <summary>Its name, snake_case.</summary>
    public abstract string Name { get; }

    /// <summary>Its name for people.</summary>
    public abstract string Title { get; }

    /// <summary>What it does, for the model.</summary>
    public abstract string Description { get; }

    /// <summary>What a token must be allowed to do for the tool to be there.</summary>
    public abstract AccessScopes Scope { get; }

    /// <summary>Whether it changes nothing.</summary>
    public virtual bool ReadOnly => false;

    /// <summary>Whether it may overwrite or remove something, rather than only add.</summary>
    public virtual bool Destructive => false;

    /// <summary>Whether the same call, sent again, changes nothing more.</summary>
    public virtual bool Idempotent => true;

    /// <summary>The JSON Schema of its arguments: an object.</summary>
    public abstract JsonElement InputSchema { get; }

    /// <summary>The JSON Schema of <see cref="ToolResult.Structured"/> where it is no error.</summary>
    public abstract JsonElement OutputSchema { get; }

    /// <summary>How many tasks a call would change at most. Asks nothing but the arguments, which may be wrong; 0 for a tool that only reads.</summary>
    public virtual int CountItems(JsonElement arguments) => 0;

    /// <summary>Runs it; <see cref="AssistantTools.Invoke"/> calls this.</summary>
    /// <param name="arguments">What the model sent: an object, not checked.</param>
    /// <param name="ct">Ends the wait; what was committed by then stays.</param>
    /// <exception cref="ProblemException">The call as a whole is wrong, and has changed nothing.</exception>
    protected internal abstract Task<ToolResult> Run(JsonElement arguments, CancellationToken ct);
}
