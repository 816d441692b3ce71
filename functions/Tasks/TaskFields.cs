using System.ComponentModel.DataAnnotations;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>The fields of a task as they are stored.</summary>
internal static class TaskFields
{
    /// <summary>Trimmed, in the form NFC, and without repeats, in the order that they were sent.</summary>
    public static string[] Distinct(string[] tags) => [.. tags.Select(tag => Nfc.Normalize(tag.Trim())).Distinct(StringComparer.Ordinal)];

    /// <summary>Trimmed, in the form NFC, its line breaks as line feeds.</summary>
    public static string Title(string title) => Nfc.Normalize(PlainText.WithLineFeeds(title.Trim()));

    /// <summary>In the form NFC, its line breaks as line feeds, and without control characters.</summary>
    public static string? Description(string? description) => description is null ? null : Nfc.Normalize(PlainText.Clean(description));

    /// <summary>A rule as it was written; null for one that says nothing.</summary>
    public static RecurrenceRule? Rule(string? recurrence) => recurrence is not null && RecurrenceRule.Parse(recurrence) is { IsNone: false } rule ? rule : null;

    /// <summary>A zone's id in its canonical case.</summary>
    public static string? Zone(string? id) => id is not null && ZoneIds.TryFind(id, out var zone) ? zone.Id : null;

    /// <summary>What a zone that is named, or is not, leaves to be said of a due date and of the DTSTART of a recurrence.</summary>
    /// <param name="timeZone">The zone that the request names.</param>
    /// <param name="recurrence">The recurrence, valid.</param>
    /// <param name="dates">The dates that may be local times, by their properties' names.</param>
    public static IEnumerable<ValidationResult> ZoneErrors(string? timeZone, string? recurrence, params IEnumerable<(string Name, WrittenDueDate? Date)> dates)
    {
        var startZone = Rule(recurrence)?.StartZone;
        if (startZone is not null && timeZone is not null && startZone != Zone(timeZone))
        {
            yield return new($"must be a rule: DTSTART;TZID={startZone}: is not in the time_zone {timeZone}", [nameof(CreateTaskRequest.Recurrence)]);
        }

        foreach (var (name, _) in dates.Where(date => date.Date is { IsLocal: true } && (timeZone ?? startZone) is null))
        {
            yield return new("is a local time: name its time_zone, or add its offset as in 2026-03-01T09:30:00+01:00", [name]);
        }
    }
}

/// <summary>A text must be a time zone's IANA id.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TimeZoneIdAttribute() : ValidationAttribute("must be an IANA time zone such as Europe/Berlin")
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => ZoneIds.TryFind((string)value!, out _);
}

/// <summary>A text must be an alias or an RFC 5545 rule.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RecurrenceAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        RecurrenceRule.TryParse((string)value!, out _, out var error) ? ValidationResult.Success : new($"must be a rule: {error}");
}

/// <summary>A text must say how long before a due date to remind.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ReminderOffsetAttribute() : ValidationAttribute($"must be {ReminderOffset.Expected}")
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => ReminderOffset.TryParse((string)value!, out _);
}
