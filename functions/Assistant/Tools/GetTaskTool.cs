using System.Text.Json;
using System.Text.Json.Nodes;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Reminders;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Tools;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Reminders;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Assistant.Tools;

/// <summary>One task with all that is known of it.</summary>
internal sealed class GetTaskTool(TaskList list, ReminderList reminders, PageBudget budget, Caller caller, TimeProvider clock) : AssistantTool
{
    private static readonly JsonElement Input = ToolSchemas.Parse("""{"type":"object","properties":{"id":{"type":"string"}},"required":["id"]}""");

    private static readonly JsonElement Output = ToolSchemas.Parse("""{"type":"object","properties":{"task":{"type":"object"}},"required":["task"]}""");

    /// <inheritdoc/>
    public override string Name => "get_task";

    /// <inheritdoc/>
    public override string Title => "Read a task";

    /// <inheritdoc/>
    public override string Description => "One task with its description and the reminders that wait.";

    /// <inheritdoc/>
    public override AccessScopes Scope => AccessScopes.TasksRead;

    /// <inheritdoc/>
    public override bool ReadOnly => true;

    /// <inheritdoc/>
    public override JsonElement InputSchema => Input;

    /// <inheritdoc/>
    public override JsonElement OutputSchema => Output;

    /// <inheritdoc/>
    protected override async Task<ToolResult> Run(JsonElement arguments, CancellationToken ct)
    {
        var id = ToolBatch.IdOf(ToolArguments.Fields(arguments, Input).GetValueOrDefault("id"), "id");
        var task = await list.Get(caller.UserId, id, ct);
        var (waiting, _) = await reminders.Page(caller.UserId, new(id, ReminderStatus.Pending, SortOrder.Asc, Reminder.MaxPerTask, 0), budget, ct);
        return ToolResult.Read(new JsonObject { ["task"] = ToolJson.Whole(task, waiting.Where(reminder => reminder.FiredAt is null), clock.GetUtcNow()) });
    }
}
