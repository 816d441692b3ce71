using System.Text.Json;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Tools;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Assistant.Tools;

/// <summary>Changes the fields of tasks that it is told.</summary>
internal sealed class UpdateTasksTool(ToolBatch batch, TaskStore tasks, TaskList list, Caller caller, TimeProvider clock) : AssistantTool
{
    private const string List = "tasks";

    private static readonly JsonElement Input = ToolSchemas.Parse(
        """
        {"type":"object","properties":{"tasks":{"type":"array","maxItems":25,"items":{"type":"object","properties":{"id":{"type":"string"},"title":{"type":"string"},"description":{"type":["string","null"]},
        "due_date":{"type":["string","null"]},"time_zone":{"type":"string"},"priority":{"enum":["low","medium","high"]},"tags":{"type":"array","items":{"type":"string"}},
        "recurrence":{"type":["string","null"]},"recurrence_basis":{"enum":["due","completion"]}},"required":["id"]}}},"required":["tasks"]}
        """);

    private static readonly JsonElement Item = ToolSchemas.ItemsOf(Input, List);

    /// <inheritdoc/>
    public override string Name => "update_tasks";

    /// <inheritdoc/>
    public override string Title => "Change tasks";

    /// <inheritdoc/>
    public override string Description => "Changes the fields that are named; null clears one; tags replaces all tags. To move only the date use reschedule_tasks.";

    /// <inheritdoc/>
    public override AccessScopes Scope => AccessScopes.TasksWrite;

    /// <inheritdoc/>
    public override bool Destructive => true;

    /// <inheritdoc/>
    public override JsonElement InputSchema => Input;

    /// <inheritdoc/>
    public override JsonElement OutputSchema => ToolSchemas.Batch;

    /// <inheritdoc/>
    public override int CountItems(JsonElement arguments) => ToolBatch.Count(arguments, List);

    /// <inheritdoc/>
    protected override Task<ToolResult> Run(JsonElement arguments, CancellationToken ct) =>
        batch.Run(ToolBatch.Items(ToolArguments.Fields(arguments, Input), List), ToolBatch.NamedBy, item => Update(item, ct), ct);

    private async Task<ItemResult> Update(JsonElement item, CancellationToken ct)
    {
        var fields = ToolArguments.Fields(item, Item);
        var id = ToolBatch.IdOf(fields.GetValueOrDefault("id"), "id");
        if (ToolArguments.LacksZone(fields))
        {
            fields["time_zone"] = JsonSerializer.SerializeToElement((await list.Get(caller.UserId, id, ct)).TimeZone); // a local time is one of the task's zone
        }

        var edit = ToolArguments.Read<UpdateTaskRequest>(fields).ToEdit();
        TaskEvent? raised = null;
        var task = await tasks.Change(id, _ => true, task => raised = task.Update(edit, null, clock.GetUtcNow()), edit.MovesReminders, ct);
        return ItemResult.Of(ToolActionType.Updated, task, raised is not null);
    }
}
