using System.Text.Json;
using TodoFlow.Domain.Accounts;
using TodoFlow.Domain.Problems;
using TodoFlow.Domain.Tasks;
using TodoFlow.Functions.Tasks;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Assistant.Tools;

namespace TodoFlow.Functions.Assistant.Tools;

/// <summary>Adds tasks. The same call, sent again, finds the tasks that it has added.</summary>
internal sealed class AddTasksTool(ToolBatch batch, ToolTasks tasks, Caller caller) : AssistantTool
{
    private const string List = "tasks";
    private const int MaxRequestId = 100;

    private static readonly JsonElement Input = ToolSchemas.Parse(
        """
        {"type":"object","properties":{"tasks":{"type":"array","maxItems":25,"items":{"type":"object","properties":{"title":{"type":"string"},"description":{"type":"string"},
        "due_date":{"type":"string"},"time_zone":{"type":"string","description":"IANA; default the user's"},"priority":{"enum":["low","medium","high"]},"tags":{"type":"array","items":{"type":"string"}},
        "recurrence":{"type":"string","description":"daily, weekdays, weekly, monthly, yearly or an RFC 5545 rule such as FREQ=WEEKLY;INTERVAL=2;BYDAY=MO; needs due_date"},
        "recurrence_basis":{"enum":["due","completion"]},
        "reminders":{"type":"array","items":{"type":"string"},"description":"\"15 minutes\", \"1 day\" before due, or times; default the user's preference"},
        "id":{"type":"string","description":"own UUID, optional"}},"required":["title"]}},
        "request_id":{"type":"string","description":"new text to add on purpose what was added today"}},"required":["tasks"]}
        """);

    private static readonly JsonElement Item = ToolSchemas.ItemsOf(Input, List);

    /// <inheritdoc/>
    public override string Name => "add_tasks";

    /// <inheritdoc/>
    public override string Title => "Add tasks";

    /// <inheritdoc/>
    public override string Description => "Adds up to 25 tasks. What was added by the same call before is not added again: status exists.";

    /// <inheritdoc/>
    public override AccessScopes Scope => AccessScopes.TasksWrite;

    /// <inheritdoc/>
    public override JsonElement InputSchema => Input;

    /// <inheritdoc/>
    public override JsonElement OutputSchema => ToolSchemas.Batch;

    /// <inheritdoc/>
    public override int CountItems(JsonElement arguments) => ToolBatch.Count(arguments, List);

    /// <inheritdoc/>
    protected override async Task<ToolResult> Run(JsonElement arguments, CancellationToken ct)
    {
        var fields = ToolArguments.Fields(arguments, Input);
        var items = ToolBatch.Items(fields, List);
        var contents = items.Select(item => AddedTaskId.ContentOf(item.ValueKind == JsonValueKind.Object ? Fields(item).Where(field => field.Key != "id") : [])).ToList();
        var ids = await tasks.IdsOf(contents, RequestId(fields), ct);
        var stored = await tasks.Find(ids, ct);
        return await batch.Run(items.Index().ToList(), _ => null, entry => Add(entry.Item, ids[entry.Index], contents[entry.Index], stored, ct), ct);
    }

    private async Task<ItemResult> Add(JsonElement item, Guid derived, string content, IReadOnlyDictionary<Guid, StoredTask> stored, CancellationToken ct)
    {
        var fields = ToolArguments.Fields(item, Item);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(caller.TimeZone);
        var reminders = ReminderTimes.Read(fields, zone);
        if (ToolArguments.LacksZone(fields))
        {
            fields["time_zone"] = JsonSerializer.SerializeToElement(caller.TimeZone);
        }

        var body = ToolArguments.Read<CreateTaskRequest>(fields);
        var edit = body.ToEdit(caller.TimeZone);
        if (reminders is not null)
        {
            // The first one before the due date is the task's own, which goes on with its series.
            var own = reminders.Find(reminder => reminder.Offset is not null);
            if (own is not null && edit.DueDate.Value is null)
            {
                throw Problem.Invalid("reminders", "count from the task's due date, and the task has none: set due_date, or name instants").AsException();
            }

            edit = edit with { ReminderOffset = own?.Offset };
            reminders.RemoveAll(reminder => reminder == own);
        }

        if (body.Id is null && stored.GetValueOrDefault(derived) is { InTrash: true })
        {
            return new("in_trash", null, null) { Note = $"The same task was added today and is in the trash: restore_tasks {derived}, or send a new request_id to add another one." };
        }

        var (task, isNew) = await tasks.Add(body.Id ?? derived, edit, content, reminders ?? [], ct);
        return ItemResult.Of(ToolActionType.Created, task, isNew) with
        {
            Status = isNew ? "created" : "exists",
            Note = isNew ? null : task.Status == TaskItemStatus.Completed
                ? "It was added before, and is completed: reopen_tasks, or send a new request_id to add another one."
                : "It was added before: nothing was added now.",
        };
    }

    // Of an item that is wrong only its own result is told.
    private static Dictionary<string, JsonElement> Fields(JsonElement item)
    {
        try
        {
            return ToolArguments.Fields(item, Item);
        }
        catch (ProblemException)
        {
            return [];
        }
    }

    private static string? RequestId(Dictionary<string, JsonElement> fields)
    {
        if (!fields.TryGetValue("request_id", out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= MaxRequestId } text && !text.Contains('\0')
            ? text
            : throw Problem.Invalid("request_id", $"must be a text of 1 to {MaxRequestId} characters").AsException();
    }
}
