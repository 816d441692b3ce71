using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using NodaTime.TimeZones;
using TodoFlow.Domain.Calendar;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>
/// Reads tasks of Microsoft To Do in the JSON of Microsoft Graph: lists (<c>todoTaskList</c>) that hold their <c>tasks</c>
/// (<c>todoTask</c>), in an array, or in <c>lists</c> or <c>value</c>; or tasks alone.
/// </summary>
/// <param name="zone">The zone of the user, in which days are meant.</param>
internal sealed partial class MicrosoftToDoFile(TimeZoneInfo zone)
{
    public static bool Is(JsonElement file) => Lists(file).Any();

    public IEnumerable<ImportItem> Read(JsonElement file)
    {
        foreach (var (index, list) in Lists(file).Index())
        {
            if (list.Get("tasks").ValueKind != JsonValueKind.Array)
            {
                yield return Item(list, null, $"[{index}]");
                continue;
            }

            var name = list.Text("displayName");
            foreach (var (number, task) in list.List("tasks").Index())
            {
                yield return Item(task, name, $"[{index}].tasks[{number}]");
            }
        }
    }

    // What has tasks, or is one.
    private static IEnumerable<JsonElement> Lists(JsonElement file) => new[] { file, file.Get("lists"), file.Get("value") }
        .SelectMany(ImportJson.Entries)
        .Where(entry => entry.Get("tasks").ValueKind == JsonValueKind.Array || (entry.Text("id") is not null && entry.Text("title") is not null));

    private ImportItem Item(JsonElement task, string? list, string source)
    {
        var item = new ImportItem(task.Text("id") ?? source, source);
        if (task.Text("id") is null)
        {
            item.Errors.Add(new("id", "is required"));
        }

        item.Set("title", task.Text("title"));
        item.Set("description", Description(task));
        item.Set("priority", task.Text("importance") switch { "low" => "low", "high" => "high", _ => "medium" });
        item.SetTags([list, .. task.List("categories").Select(category => category.ValueKind == JsonValueKind.String ? category.GetString() : null)]);
        item.CreatedAt = task.Instant("createdDateTime");
        item.CompletedAt = task.Text("status") == "completed"
            ? Instant(task.Get("completedDateTime"), item, "completed_at") ?? task.Instant("lastModifiedDateTime") ?? DateTimeOffset.MaxValue
            : null;
        if (Instant(task.Get("dueDateTime"), item, "due_date") is { } due)
        {
            item.Set("due_date", Day(task.Get("dueDateTime"), due));
            item.Set("recurrence", Recurrence(task.Get("recurrence"), item));
        }

        if (task.Get("isReminderOn").ValueKind != JsonValueKind.False && Instant(task.Get("reminderDateTime"), item, "remind_at") is { } at)
        {
            item.Reminders.Add(new(null, at));
            item.Fields["reminder_offset"] = JsonSerializer.SerializeToElement<string?>(null); // it has said when
        }

        return item;
    }

    private static string? Description(JsonElement task)
    {
        var body = task.Get("body");
        var text = new StringBuilder(body.Text("content") is not { } content ? "" : body.Text("contentType") == "html" ? Plain(content) : content);
        foreach (var step in task.List("checklistItems"))
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(step.Get("isChecked").ValueKind == JsonValueKind.True ? "- [x] " : "- [ ] ").Append(step.Text("displayName"));
        }

        return text.ToString().Trim() is { Length: > 0 } written ? written : null;
    }

    private static string Plain(string html) => WebUtility.HtmlDecode(Tags().Replace(Breaks().Replace(html, "\n"), "")).Trim();

    // To Do's due dates are days: at midnight of the zone that is named, which is UTC where the client kept no other.
    private string Day(JsonElement written, DateTimeOffset instant)
    {
        var local = DateTime.Parse(written.Text("dateTime")!, CultureInfo.InvariantCulture, DateTimeStyles.None);
        return (local.TimeOfDay == TimeSpan.Zero ? local : TimeZoneInfo.ConvertTime(instant, zone).DateTime).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    private static DateTimeOffset? Instant(JsonElement written, ImportItem item, string field)
    {
        if (written.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return null;
        }

        if (!DateTime.TryParse(written.Text("dateTime"), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var local)
            || local.Year is < 2 or > 9998 || Zone(written.Text("timeZone")) is not { } named)
        {
            item.Errors.Add(new(field, "must be a dateTimeTimeZone, with a date-time and a time zone of Windows or IANA"));
            return null;
        }

        return DueDate.TryParseInstant(WrittenDueDate.TryParse(local.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture), out var due) ? due.In(named).Text : null, out var instant)
            ? instant
            : null;
    }

    private static TimeZoneInfo? Zone(string? id)
    {
        id = id is null or "" ? "UTC" : id;
        return ZoneIds.TryFind(TzdbDateTimeZoneSource.Default.WindowsMapping.PrimaryMapping.TryGetValue(id, out var iana) ? iana : id, out var found) ? found : null;
    }

    // Graph's patternedRecurrence.
    private static string? Recurrence(JsonElement recurrence, ImportItem item)
    {
        if (recurrence.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var (pattern, range) = (recurrence.Get("pattern"), recurrence.Get("range"));
        var days = string.Join(',', pattern.List("daysOfWeek").Select(day => day.ValueKind == JsonValueKind.String ? day.GetString()! : "").Where(day => day.Length > 1).Select(day => day[..2].ToUpperInvariant()));
        var index = pattern.Text("index") switch { "second" => 2, "third" => 3, "fourth" => 4, "last" => -1, _ => 1 };
        var rule = pattern.Text("type") switch
        {
            "daily" => "FREQ=DAILY",
            "weekly" => $"FREQ=WEEKLY{(days.Length > 0 ? $";BYDAY={days}" : "")};WKST={WeekStart(pattern)}",
            "absoluteMonthly" => $"FREQ=MONTHLY;BYMONTHDAY={pattern.Number("dayOfMonth")}",
            "relativeMonthly" => $"FREQ=MONTHLY;BYDAY={days};BYSETPOS={index}",
            "absoluteYearly" => $"FREQ=YEARLY;BYMONTH={pattern.Number("month")};BYMONTHDAY={pattern.Number("dayOfMonth")}",
            "relativeYearly" => $"FREQ=YEARLY;BYMONTH={pattern.Number("month")};BYDAY={days};BYSETPOS={index}",
            _ => null,
        };
        if (rule is null)
        {
            item.Warnings.Add(new("recurrence", "is of a kind that is not known, and was left out"));
            return null;
        }

        rule += pattern.Number("interval") is > 1 and var interval ? $";INTERVAL={interval}" : "";
        return rule + range.Text("type") switch
        {
            "numbered" => $";COUNT={range.Number("numberOfOccurrences")}",
            "endDate" => $";UNTIL={range.Text("endDate")?.Replace("-", "", StringComparison.Ordinal)}",
            _ => "",
        };
    }

    // Which week a day is in matters where not every week counts; Graph's default is Sunday.
    private static string WeekStart(JsonElement pattern) => pattern.Text("firstDayOfWeek") is { Length: > 1 } day ? day[..2].ToUpperInvariant() : "SU";

    // Neither passes over another <, or many of them that are never closed would take the square of their number.
    [GeneratedRegex(@"<(br|/p|/div|/li)\b[^<>]*>", RegexOptions.IgnoreCase)]
    private static partial Regex Breaks();

    [GeneratedRegex("<[^<>]*>")]
    private static partial Regex Tags();
}
