using System.Text.Json;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Assistant.Tools;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Assistant.Tools;

/// <summary>Marks tasks done.</summary>
internal sealed class CompleteTasksTool(ToolBatch batch, TaskStore tasks, TimeProvider clock) : AssistantTool
{
    /// <inheritdoc/>
    public override string Name => "complete_tasks";

    /// <inheritdoc/>
    public override string Title => "Complete tasks";

    /// <inheritdoc/>
    public override string Description => "Marks tasks done. A recurring task goes on with its next occurrence.";

    /// <inheritdoc/>
    public override AccessScopes Scope => AccessScopes.TasksWrite;

    /// <inheritdoc/>
    public override JsonElement InputSchema => ToolSchemas.Ids;

    /// <inheritdoc/>
    public override JsonElement OutputSchema => ToolSchemas.Batch;

    /// <inheritdoc/>
    public override int CountItems(JsonElement arguments) => ToolBatch.Count(arguments, "ids");

    /// <inheritdoc/>
    protected override Task<ToolResult> Run(JsonElement arguments, CancellationToken ct) =>
        batch.Run(ToolBatch.Items(ToolArguments.Fields(arguments, ToolSchemas.Ids), "ids"), ToolBatch.NamedBy, item => Complete(ToolBatch.IdOf(item, "id"), ct), ct);

    private async Task<ItemResult> Complete(Guid id, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        TaskEvent? raised = null;
        var task = await tasks.Change(id, _ => true, [(task, _) => raised = task.Complete(now)], movesReminders: true, ct);
        return ItemResult.Of(ToolActionType.Completed, task, raised is not null);
    }
}
