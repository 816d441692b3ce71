using System.Text.Json;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Assistant.Tools;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Assistant.Tools;

/// <summary>Marks tasks to be done again.</summary>
internal sealed class ReopenTasksTool(ToolBatch batch, TaskStore tasks, TimeProvider clock) : AssistantTool
{
    /// <inheritdoc/>
    public override string Name => "reopen_tasks";

    /// <inheritdoc/>
    public override string Title => "Reopen tasks";

    /// <inheritdoc/>
    public override string Description => "Undoes complete_tasks; an untouched next occurrence of a recurring task is taken back.";

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
        batch.Run(ToolBatch.Items(ToolArguments.Fields(arguments, ToolSchemas.Ids), "ids"), ToolBatch.NamedBy, item => Reopen(ToolBatch.IdOf(item, "id"), ct), ct);

    private async Task<ItemResult> Reopen(Guid id, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        TaskEvent? raised = null;
        var task = await tasks.Change(id, _ => true, [(task, next) => raised = task.Reopen(next, now)], movesReminders: true, ct);
        return ItemResult.Of(ToolActionType.Reopened, task, raised is not null);
    }
}
