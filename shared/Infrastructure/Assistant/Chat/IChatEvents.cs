using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;
using TodoFlow.Infrastructure.Assistant.Tools;

namespace TodoFlow.Infrastructure.Assistant.Chat;

/// <summary>Hears of a turn while it goes on. Nothing of it throws: what was done is recorded, whoever hears of it.</summary>
public interface IChatEvents
{
    /// <summary>The assistant says more.</summary>
    Task Delta(ChatDelta said, CancellationToken ct);

    /// <summary>A tool begins or has ended.</summary>
    Task Tool(ChatToolProgress progress, CancellationToken ct);

    /// <summary>A call waits for the user.</summary>
    Task ApprovalRequired(ChatApproval approval, CancellationToken ct);
}

/// <summary>More of what the assistant says.</summary>
/// <param name="Text">To be put behind what came before.</param>
public sealed record ChatDelta(string Text);

/// <summary>How far a tool is.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Status">How far it is.</param>
/// <param name="Actions">What it has committed.</param>
public sealed record ChatToolProgress(string Name, ChatToolStatus Status, IReadOnlyList<ToolAction> Actions);

/// <summary>How far a tool is.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ChatToolStatus>))]
public enum ChatToolStatus
{
    /// <summary>It has begun.</summary>
    Started,

    /// <summary>It has ended.</summary>
    Done,

    /// <summary>It has failed as a whole.</summary>
    Failed,
}

/// <summary>For whoever only wants the response.</summary>
public sealed class NoChatEvents : IChatEvents
{
    /// <summary>The one there is.</summary>
    public static NoChatEvents Instance { get; } = new();

    /// <inheritdoc/>
    public Task Delta(ChatDelta said, CancellationToken ct) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task Tool(ChatToolProgress progress, CancellationToken ct) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task ApprovalRequired(ChatApproval approval, CancellationToken ct) => Task.CompletedTask;
}
