using System.Text.Json;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>Reads the tasks of a file that <see cref="AccountExport"/> wrote. What was in the trash stays there.</summary>
internal static class TodoFlowFile
{
    private const int MostOccurrences = 1_000_000;

    private static readonly string[] Fields =
        ["title", "description", "priority", "tags", "due_date", "time_zone", "recurrence", "recurrence_basis", "reminder_offset"];

    public static bool Is(JsonElement file) => file.Text("format") == AccountExport.Format;

    public static IEnumerable<ImportItem> Read(JsonElement file)
    {
        if (file.Number("version") != AccountExport.Version)
        {
            throw ImportFile.Malformed($"The file's version must be {AccountExport.Version}.");
        }

        if (file.Get("tasks").ValueKind != JsonValueKind.Array)
        {
            throw ImportFile.Malformed("The file has no list of tasks.");
        }

        foreach (var (index, entry) in file.List("tasks").Index())
        {
            yield return Item(entry, $"tasks[{index}]");
        }
    }

    private static ImportItem Item(JsonElement entry, string source)
    {
        var task = entry.Get("task");
        var id = task.Id("id");
        var item = new ImportItem(id is { } known ? $"{known}" : source, source) { OriginalId = id };
        if (id is null)
        {
            item.Errors.Add(new("id", "must be a UUID"));
        }

        foreach (var field in Fields)
        {
            if (task.Get(field) is { ValueKind: not JsonValueKind.Undefined } value && (value.ValueKind != JsonValueKind.Null || field is "reminder_offset"))
            {
                item.Fields[field] = value;
            }
        }

        item.CreatedAt = task.Instant("created_at");
        item.CompletedAt = task.Text("status") == "completed" ? task.Instant("completed_at") ?? task.Instant("updated_at") ?? DateTimeOffset.MaxValue : null;
        ReadPlace(item, task, entry.Get("series"));
        foreach (var reminder in entry.List("reminders").Where(reminder => reminder.Text("status") == "pending"))
        {
            var offset = reminder.Text("reminder_offset");
            if (offset is null ? reminder.Instant("remind_at") is not null : offset != task.Text("reminder_offset") && ReminderOffset.TryParse(offset, out _))
            {
                item.Reminders.Add(new(offset, offset is null ? reminder.Instant("remind_at") : null));
            }
        }

        return item;
    }

    private static void ReadPlace(ImportItem item, JsonElement task, JsonElement series)
    {
        if (task.Id("series_id") is not { } id)
        {
            return;
        }

        if (task.Number("occurrence") is not (>= 1 and <= MostOccurrences and var occurrence))
        {
            item.Errors.Add(new("occurrence", $"must be between 1 and {MostOccurrences}"));
            return;
        }

        var rhythm = series is { ValueKind: JsonValueKind.Object } && series.Text("anchor") is { } anchor && series.Text("scheduled") is { } scheduled
            ? new SeriesData(anchor, series.Number("anchor_occurrence") ?? 0, scheduled)
            : null;
        item.Place = new(id, task.Id("parent_task_id"), occurrence, rhythm);
    }
}
