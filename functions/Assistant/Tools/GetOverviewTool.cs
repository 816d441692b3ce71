using System.Text.Json;
using System.Text.Json.Nodes;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Tools;
using TodoFlow.Infrastructure.Tasks;

namespace TodoFlow.Functions.Assistant.Tools;

/// <summary>What every conversation begins with: now, and how much there is to do.</summary>
internal sealed class GetOverviewTool(TaskList list, Caller caller, TimeProvider clock) : AssistantTool
{
    private static readonly JsonElement Input = ToolSchemas.Parse("""{"type":"object","properties":{}}""");

    private static readonly JsonElement Output = ToolSchemas.Parse(
        """
        {"type":"object","properties":{"now":{"type":"string"},"weekday":{"type":"string"},"time_zone":{"type":"string"},"counts":{"type":"object","additionalProperties":{"type":"integer"}}},
        "required":["now","weekday","time_zone","counts"]}
        """);

    /// <inheritdoc/>
    public override string Name => "get_overview";

    /// <inheritdoc/>
    public override string Title => "Overview";

    /// <inheritdoc/>
    public override string Description => "The user's current date, time, weekday and time zone, and how many tasks are open, overdue, due today, tomorrow and in the next 7 days. Call it first.";

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
        ToolArguments.Fields(arguments, Input);
        var (now, zone) = (clock.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById(caller.TimeZone));
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        var open = new TaskFilter { Status = TaskItemStatus.Pending };
        return ToolResult.Read(new()
        {
            ["now"] = ToolJson.In(zone, now),
            ["weekday"] = ToolJson.Weekday(zone, now),
            ["time_zone"] = zone.Id,
            ["counts"] = new JsonObject
            {
                ["open"] = await Count(open),
                ["overdue"] = await Count(open with { Overdue = true }),
                ["due_today"] = await Count(open with { DueFrom = Start(0), DueBefore = Start(1) }),
                ["due_tomorrow"] = await Count(open with { DueFrom = Start(1), DueBefore = Start(2) }),
                ["due_next_7_days"] = await Count(open with { DueFrom = Start(0), DueBefore = Start(7) }),
                ["open_high_priority"] = await Count(open with { Priority = TaskPriority.High }),
            },
        });

        DateTimeOffset Start(int days) => DueDate.On(today.AddDays(days)).DueAt(zone);
        Task<long> Count(TaskFilter filter) => list.Count(caller.UserId, filter, ct);
    }
}
