using System.Text.Json;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Infrastructure.Assistant.Tools;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Assistant.Tools;

/// <summary>Moves tasks to the trash, from which they can be restored.</summary>
internal sealed class DeleteTasksTool(ToolBatch batch, TaskStore store, ToolTasks tasks) : AssistantTool
{
    /// <inheritdoc/>
    public override string Name => "delete_tasks";

    /// <inheritdoc/>
    public override string Title => "Delete tasks";

    /// <inheritdoc/>
    public override string Description => "Moves tasks to the trash; restore_tasks brings them back. One that is there already is unchanged.";

    /// <inheritdoc/>
    public override AccessScopes Scope => AccessScopes.TasksDelete;

    /// <inheritdoc/>
    public override bool Destructive => true;

    /// <inheritdoc/>
    public override JsonElement InputSchema => ToolSchemas.Ids;

    /// <inheritdoc/>
    public override JsonElement OutputSchema => ToolSchemas.Batch;

    /// <inheritdoc/>
    public override int CountItems(JsonElement arguments) => ToolBatch.Count(arguments, "ids");

    /// <inheritdoc/>
    protected override Task<ToolResult> Run(JsonElement arguments, CancellationToken ct) =>
        batch.Run(ToolBatch.Items(ToolArguments.Fields(arguments, ToolSchemas.Ids), "ids"), ToolBatch.NamedBy, item => Delete(ToolBatch.IdOf(item, "id"), ct), ct);

    private async Task<ItemResult> Delete(Guid id, CancellationToken ct)
    {
        try
        {
            var task = await store.Delete(id, _ => true, ct);
            return ItemResult.Of(ToolActionType.Deleted, task, isChanged: true) with { More = new() { ["title"] = task.Title } };
        }
        catch (ProblemException gone) when (gone.Problem.Status == 404)
        {
            if ((await tasks.Find([id], ct)).GetValueOrDefault(id) is not { InTrash: true })
            {
                throw;
            }

            return new("unchanged", null, null) { Note = "It is in the trash already." };
        }
    }
}
