using System.Text.Json;
using TodoFlow.Domain.Accounts;
using TodoFlow.Infrastructure.Assistant.Tools;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Assistant.Tools;

/// <summary>Brings tasks back from the trash.</summary>
internal sealed class RestoreTasksTool(ToolBatch batch, TaskTrash trash) : AssistantTool
{
    /// <inheritdoc/>
    public override string Name => "restore_tasks";

    /// <inheritdoc/>
    public override string Title => "Restore tasks";

    /// <inheritdoc/>
    public override string Description => "Brings tasks back from the trash, with the reminders still to come. find_tasks in_trash lists them.";

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
        batch.Run(ToolBatch.Items(ToolArguments.Fields(arguments, ToolSchemas.Ids), "ids"), ToolBatch.NamedBy, item => Restore(ToolBatch.IdOf(item, "id"), ct), ct);

    private async Task<ItemResult> Restore(Guid id, CancellationToken ct)
    {
        var (task, isBack) = await trash.RestoreOnce(id, _ => true, ct);
        return ItemResult.Of(ToolActionType.Restored, task, isBack);
    }
}
