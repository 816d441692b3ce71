using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Assistant.Tools;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Assistant.Tools;

/// <summary>
/// Moves tasks to other dates, and changes nothing else: of a recurring task this occurrence moves, and the rhythm goes on as it was. A
/// date moves a timed task to the same time of that day.
/// </summary>
internal sealed class RescheduleTasksTool(ToolBatch batch, TaskStore tasks, TimeProvider clock) : AssistantTool
{
    private const string List = "tasks";

    private static readonly JsonElement Input = ToolSchemas.Parse(
        """
        {"type":"object","properties":{"tasks":{"type":"array","maxItems":25,"items":{"type":"object","properties":{"id":{"type":"string"},"due_date":{"type":"string"}},"required":["id","due_date"]}}},
        "required":["tasks"]}
        """);

    private static readonly JsonElement Item = ToolSchemas.ItemsOf(Input, List);

    /// <inheritdoc/>
    public override string Name => "reschedule_tasks";

    /// <inheritdoc/>
    public override string Title => "Reschedule tasks";

    /// <inheritdoc/>
    public override string Description => "Moves due dates only: a recurring task keeps its rhythm, a timed task moved to a date keeps its time of day, reminders follow.";

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
        batch.Run(ToolBatch.Items(ToolArguments.Fields(arguments, Input), List), ToolBatch.NamedBy, item => Move(item, ct), ct);

    private async Task<ItemResult> Move(JsonElement item, CancellationToken ct)
    {
        var fields = ToolArguments.Fields(item, Item);
        var id = ToolBatch.IdOf(fields.GetValueOrDefault("id"), "id");
        var to = ToolArguments.Read<RescheduleArguments>(fields).DueDate!;
        TaskEvent? raised = null;
        var task = await tasks.Change(
            id, _ => true, task => raised = task.Update(new TaskEdit { DueDate = Target(task, to) }, null, clock.GetUtcNow()), movesReminders: true, ct);
        return ItemResult.Of(ToolActionType.Rescheduled, task, raised is not null);
    }

    // Every occurrence is of one kind, so a task that recurs stays timed or all-day.
    private static DueDate Target(TaskItem task, WrittenDueDate to)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(task.TimeZone);
        var target = to.In(zone);
        return (task.DueDate, target) switch
        {
            ({ AllDay: false } due, { AllDay: true, Date: var date }) => WrittenDueDate.Of(WallTime.Of(due, zone).MovedTo(date.Value)).In(zone),
            ({ AllDay: true }, { AllDay: false }) when task.Recurrence is not null =>
                throw Problem.Invalid("due_date", "must be a date such as 2026-03-01: the task recurs on whole days; update_tasks gives it a time").AsException(),
            _ => target,
        };
    }
}

/// <summary>Where a task is moved to.</summary>
public sealed record RescheduleArguments
{
    /// <inheritdoc cref="TaskItem.DueDate"/>
    [Required]
    public WrittenDueDate? DueDate { get; set; }
}
