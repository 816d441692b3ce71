using System.Globalization;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using NodaTime;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Tasks;
using RecurrenceRule = TodoFlow.Domain.Recurrence.RecurrenceRule;

namespace TodoFlow.Infrastructure.Transfer;

/// <summary>A task as events of a calendar.</summary>
internal static class CalendarEvents
{
    // A rule with COUNT ends for a calendar where its last member is, or with so many of them.
    private const int MostCounted = 200;

    private static readonly TimeSpan EndOfDay = new(23, 59, 59);

    /// <summary>
    /// The event of an open task with a due date. Of one that repeats from its due date it repeats, too; a due date that was moved is
    /// an exception of that, an event of its own. One that repeats from its completion, or several times a day, is shown once: nobody knows
    /// when the next one is due.
    /// </summary>
    public static IEnumerable<CalendarEvent> Of(TaskItem task)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(task.TimeZone);
        if (RuleOf(task, zone) is not { } rule)
        {
            yield return Event(task, task.DueDate!.AllDay ? new CalDateTime(task.DueDate.Date.Value) : InUtc(task.DueAt!.Value));
            yield break;
        }

        var (scheduled, due) = (task.Scheduled!.Value, WallTime.Of(task.DueDate!, zone));
        var series = Event(task, At(scheduled, task.TimeZone));
        series.RecurrenceRule = new Ical.Net.DataTypes.RecurrenceRule(rule);
        series.ExceptionDates.AddRange(Excluded(task, zone));
        yield return series;
        if (due != scheduled)
        {
            var moved = Event(task, At(due, task.TimeZone));
            moved.RecurrenceIdentifier = new RecurrenceIdentifier(At(scheduled, task.TimeZone));
            yield return moved;
        }
    }

    private static CalendarEvent Event(TaskItem task, CalDateTime start) => new()
    {
        Uid = $"{task.SeriesId ?? task.Id}@todoflow",
        DtStamp = InUtc(task.UpdatedAt),
        Created = InUtc(task.CreatedAt),
        LastModified = InUtc(task.UpdatedAt),
        Summary = task.Title,
        Description = task.Description,
        Categories = [.. task.Tags],
        Priority = task.Priority switch { TaskPriority.High => 1, TaskPriority.Low => 9, _ => 5 },
        Start = start,
        Transparency = "TRANSPARENT", // a task does not make its user busy
    };

    // As RFC 5545 says it, from the scheduled occurrence on; null where it cannot.
    private static string? RuleOf(TaskItem task, TimeZoneInfo zone)
    {
        if (task.Recurrence is null || task.RecurrenceBasis != RecurrenceBasis.Due || task.DueDate is not { } due || RecurrenceRule.Parse(task.Recurrence) is not { } rule
            || rule.Frequency < Frequency.Daily || due.AllDay != task.Scheduled!.Value.AllDay
            || (!due.AllDay && DateTimeZoneProviders.Tzdb.GetZoneOrNull(task.TimeZone) is null))
        {
            return null;
        }

        var anchor = task.RecurrenceAnchor!.Value;
        if (rule is { Clamps: true, Frequency: Frequency.Monthly or Frequency.Yearly })
        {
            return Clamping(rule.Frequency, anchor.Date);
        }

        var text = rule.Text.Split('\n')[0].ToUpperInvariant();
        text = text switch
        {
            "DAILY" => "FREQ=DAILY",
            "WEEKDAYS" => "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
            "WEEKLY" => "FREQ=WEEKLY",
            _ => text.StartsWith("RRULE:", StringComparison.Ordinal) ? text["RRULE:".Length..] : text,
        };
        return rule.Count is not null ? Ending(text, Last(task, rule, zone), zone)
            : rule.Until is { Value.Year: < 9999 } until ? Ending(text, LastOf(until, due.AllDay, zone), zone)
            : text;
    }

    // The month's last day where it is too short for the anchor's.
    private static string Clamping(Frequency frequency, DateOnly anchor)
    {
        var (head, mayBeShort) = frequency == Frequency.Monthly ? ("FREQ=MONTHLY", anchor.Day > 28) : ($"FREQ=YEARLY;BYMONTH={anchor.Month}", anchor is { Month: 2, Day: 29 });
        return mayBeShort ? $"{head};BYMONTHDAY={string.Join(',', Enumerable.Range(28, anchor.Day - 27))};BYSETPOS=-1" : $"{head};BYMONTHDAY={anchor.Day}";
    }

    // COUNT counts from the anchor, missed members too, and a calendar from the event's beginning.
    private static WallTime Last(TaskItem task, RecurrenceRule rule, TimeZoneInfo zone)
    {
        var series = new RecurrenceSeries(rule, task.RecurrenceBasis, task.RecurrenceAnchor!.Value, zone);
        var current = new SeriesOccurrence(task.Occurrence!.Value - task.AnchorOccurrence!.Value + 1, task.Scheduled!.Value, task.DueDate!);
        var preview = series.Preview(current, null, MostCounted);
        return preview.Occurrences.Count > 0 ? preview.Occurrences[^1].Scheduled : task.Scheduled.Value;
    }

    // A date is meant as the whole day, in the zone of the task; for whole days it is one in every zone, however it is written.
    private static WallTime LastOf(RecurrenceTime until, bool allDay, TimeZoneInfo zone)
    {
        if (allDay)
        {
            return WallTime.On(DateOnly.FromDateTime(until.Value));
        }

        var local = until.IsUtc ? TimeZoneInfo.ConvertTimeFromUtc(until.Value, zone) : until.IsDate ? until.Value.Date + EndOfDay : until.Value;
        return WallTime.At(local);
    }

    // As calendars want it (RFC 5545, section 3.3.10): a date where the event is of whole days, and UTC where it is not.
    private static string Ending(string text, WallTime last, TimeZoneInfo zone)
    {
        var until = last.AllDay
            ? last.Date.ToString("yyyyMMdd", CultureInfo.InvariantCulture)
            : WrittenDueDate.Of(last).In(zone).Instant!.Value.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var kept = text.Split(';').Where(part => !part.StartsWith("COUNT=", StringComparison.Ordinal) && !part.StartsWith("UNTIL=", StringComparison.Ordinal));
        return string.Join(';', kept.Append($"UNTIL={until}"));
    }

    // As events have them: of the kind of their beginning.
    private static IEnumerable<CalDateTime> Excluded(TaskItem task, TimeZoneInfo zone)
    {
        var scheduled = task.Scheduled!.Value;
        foreach (var text in task.Recurrence!.Split('\n').Skip(1).SelectMany(line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(',')))
        {
            if (RecurrenceTime.TryParse(text, out var time))
            {
                var local = time.IsUtc ? TimeZoneInfo.ConvertTimeFromUtc(time.Value, zone) : time.Value;
                var date = DateOnly.FromDateTime(local);
                yield return At(scheduled.AllDay || time.IsDate ? scheduled.MovedTo(date) : WallTime.At(local), task.TimeZone);
            }
        }
    }

    private static CalDateTime At(WallTime wall, string zone) =>
        wall.AllDay ? new CalDateTime(wall.Date) : new CalDateTime(wall.Date, TimeOnly.FromDateTime(wall.Value), zone);

    private static CalDateTime InUtc(DateTimeOffset instant) => new(instant.UtcDateTime, "UTC", true);
}
