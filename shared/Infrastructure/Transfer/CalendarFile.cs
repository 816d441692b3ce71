using System.Globalization;
using System.Text.Json;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using TodoFlow.Domain.Calendar;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>Reads the VTODO of iCalendar files (RFC 5545), by Ical.Net. Events are no tasks, and are left out.</summary>
/// <param name="zone">The zone of the user, in which times that name none are meant.</param>
internal sealed class CalendarFile(string zone)
{
    public IEnumerable<ImportItem> Read(string text)
    {
        CalendarCollection calendars;
        try
        {
            calendars = CalendarCollection.Load(text);
        }
        catch (Exception error) when (error is not OutOfMemoryException) // whatever its parser stumbles over
        {
            throw ImportFile.Malformed($"The file is no iCalendar: {error.Message}");
        }

        if (calendars.Count == 0)
        {
            throw ImportFile.Malformed("The file is no iCalendar: it has no VCALENDAR.");
        }

        return calendars.SelectMany(calendar => calendar.Todos).Select((todo, index) => Item(todo, $"VTODO {index + 1}"));
    }

    private ImportItem Item(Todo todo, string source)
    {
        var uid = todo.Uid ?? source;
        var item = new ImportItem(todo.RecurrenceIdentifier is { } of ? $"{uid} {of.StartTime.Value:s}" : uid, source);
        try
        {
            Read(todo, item);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or FormatException or NullReferenceException or OverflowException)
        {
            item.Errors.Add(new("vtodo", "has a property that cannot be read")); // Ical.Net reads values when they are asked for
        }

        return item;
    }

    private void Read(Todo todo, ImportItem item)
    {
        item.Set("title", todo.Summary);
        item.Set("description", todo.Description);
        item.Set("priority", todo.Priority switch { >= 1 and <= 4 => "high", >= 6 => "low", _ => "medium" });
        item.SetTags(todo.Categories);
        item.CreatedAt = Instant(todo.Created, item, "created_at");
        item.CompletedAt = todo.Completed is not null || todo.Status is "COMPLETED" or "CANCELLED"
            ? Instant(todo.Completed ?? todo.LastModified, item, "completed_at") ?? DateTimeOffset.MaxValue
            : null;
        if (todo.Status == "CANCELLED")
        {
            item.Warnings.Add(new("status", "was CANCELLED, and is completed"));
        }

        var due = todo.Due ?? todo.Start;
        if (due is not null)
        {
            SetDue(due, item);
        }

        if (todo.RecurrenceRule is { } rule)
        {
            item.Set("recurrence", $"{rule}{Excluded(todo)}");
        }

        if (todo.RecurrenceDates.GetAllDates().Any())
        {
            item.Warnings.Add(new("recurrence", "has RDATE, which was left out"));
        }

        foreach (var alarm in todo.Alarms.Where(alarm => alarm.Trigger is not null))
        {
            ReadAlarm(alarm.Trigger!, todo, due, item);
        }

        if (item.Reminders.Count > 0)
        {
            item.Fields.TryAdd("reminder_offset", JsonSerializer.SerializeToElement<string?>(null)); // it has said when
        }
    }

    private void SetDue(CalDateTime due, ImportItem item)
    {
        if (!due.HasTime)
        {
            item.Set("due_date", due.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        }
        else if (due.IsFloating || ZoneIds.TryFind(due.TzId ?? "", out _))
        {
            item.Set("due_date", due.Value.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
            item.Set("time_zone", due.IsFloating ? zone : due.TzId);
        }
        else
        {
            item.Set("due_date", Instant(due, item, "due_date")?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        }
    }

    private static string Excluded(Todo todo)
    {
        var dates = todo.ExceptionDates.GetAllDates().ToList();
        var lines = dates.Where(date => !date.HasTime).Select(date => $"\nEXDATE;VALUE=DATE:{date.Date:yyyyMMdd}")
            .Concat(dates.Where(date => date.HasTime).Select(date => date.IsFloating ? $"\nEXDATE:{date.Value:yyyyMMdd'T'HHmmss}" : $"\nEXDATE:{date.AsUtc:yyyyMMdd'T'HHmmss'Z'}"));
        return string.Concat(lines);
    }

    private static void ReadAlarm(Trigger trigger, Todo todo, CalDateTime? due, ImportItem item)
    {
        if (!trigger.IsRelative)
        {
            if (Instant(trigger.DateTime, item, "remind_at") is { } at)
            {
                item.Reminders.Add(new(null, at));
            }

            return;
        }

        var before = -(trigger.Duration?.ToTimeSpanUnspecified() ?? TimeSpan.Zero);
        if (trigger.Related != "END" && todo is { Start: { } start, Due: { } end } && !start.Equals(end))
        {
            if (Instant(start, item, "remind_at") is { } begins)
            {
                item.Reminders.Add(new(null, begins - before));
            }
        }
        else if (due is null || before < TimeSpan.Zero || before > TimeSpan.FromDays(365))
        {
            item.Warnings.Add(new("reminder_offset", "is not before a due date, and was left out"));
        }
        else
        {
            var offset = string.Create(CultureInfo.InvariantCulture, $"PT{(long)before.TotalSeconds}S");
            offset = before.Ticks % TimeSpan.TicksPerMinute == 0 ? string.Create(CultureInfo.InvariantCulture, $"PT{(long)before.TotalMinutes}M") : offset;
            if (item.Fields.TryAdd("reminder_offset", JsonSerializer.SerializeToElement(offset)))
            {
                return;
            }

            item.Reminders.Add(new(offset, null));
        }
    }

    private static DateTimeOffset? Instant(CalDateTime? written, ImportItem item, string field)
    {
        if (written is null)
        {
            return null;
        }

        try
        {
            return new DateTimeOffset(DateTime.SpecifyKind(written.AsUtc, DateTimeKind.Utc));
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            item.Warnings.Add(new(field, "is in a time zone that is not known, and was left out"));
            return null;
        }
    }
}
