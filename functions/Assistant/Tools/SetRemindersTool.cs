using System.Text.Json;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Reminders;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Tools;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Reminders;

namespace TodoFlow.Functions.Assistant.Tools;

/// <summary>Says which reminders tasks have: those that are named, and no others.</summary>
internal sealed class SetRemindersTool(ToolBatch batch, ToolTasks tasks, ReminderList list, PageBudget budget, Caller caller, TimeProvider clock) : AssistantTool
{
    private const string List = "tasks";

    private static readonly JsonElement Input = ToolSchemas.Parse(
        """
        {"type":"object","properties":{"tasks":{"type":"array","maxItems":25,"items":{"type":"object","properties":{"id":{"type":"string"},
        "reminders":{"type":"array","items":{"type":"string"},"maxItems":20}},"required":["id","reminders"]}}},"required":["tasks"]}
        """);

    private static readonly JsonElement Item = ToolSchemas.ItemsOf(Input, List);

    /// <inheritdoc/>
    public override string Name => "set_reminders";

    /// <inheritdoc/>
    public override string Title => "Set reminders";

    /// <inheritdoc/>
    public override string Description => "Replaces all reminders of open tasks, as in add_tasks; [] removes them.";

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
        batch.Run(ToolBatch.Items(ToolArguments.Fields(arguments, Input), List), ToolBatch.NamedBy, item => Set(item, ct), ct);

    private async Task<ItemResult> Set(JsonElement item, CancellationToken ct)
    {
        var fields = ToolArguments.Fields(item, Item);
        var id = ToolBatch.IdOf(fields.GetValueOrDefault("id"), "id");
        var wanted = ReminderTimes.Read(fields, TimeZoneInfo.FindSystemTimeZoneById(caller.TimeZone)) ?? throw Problem.Invalid("reminders", "is required").AsException();
        var (task, isChanged) = await tasks.SetReminders(id, wanted, ct);
        var (waiting, _) = await list.Page(caller.UserId, new(id, ReminderStatus.Pending, SortOrder.Asc, Reminder.MaxPerTask, 0), budget, ct);
        return ItemResult.Of(ToolActionType.RemindersSet, task, isChanged) with
        {
            More = ToolJson.Whole(task, waiting.Where(reminder => reminder.FiredAt is null), clock.GetUtcNow()),
        };
    }
}
