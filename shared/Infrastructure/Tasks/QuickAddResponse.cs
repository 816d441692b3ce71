using TodoFlow.Domain.QuickAdd;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Infrastructure.Tasks;

/// <summary>A task and how its text was understood.</summary>
public sealed record QuickAddResponse
{
    /// <summary>Whether nothing was stored.</summary>
    public required bool DryRun { get; init; }

    /// <summary>The task, or what it would be.</summary>
    public required TaskResponse Task { get; init; }

    /// <summary>The parts of the text that were understood, in its order.</summary>
    public required IReadOnlyList<QuickAddSpan> Spans { get; init; }

    /// <summary>What was left in the title, and why.</summary>
    public required IReadOnlyList<QuickAddNote> Ambiguous { get; init; }

    /// <summary>What is said of a task and of its text.</summary>
    public static QuickAddResponse Of((TaskResponse Task, QuickAddResult Read) added, bool dryRun) =>
        new() { DryRun = dryRun, Task = added.Task, Spans = added.Read.Spans, Ambiguous = added.Read.Ambiguous };
}
