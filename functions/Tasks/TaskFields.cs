using System.ComponentModel.DataAnnotations;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Reminders;
using TodoFlow.Domain.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>The fields of a task as they are stored.</summary>
internal static class TaskFields
{
    /// <summary>Trimmed and without repeats, in the order that they were sent.</summary>
    public static string[] Distinct(string[] tags) => [.. tags.Select(tag => tag.Trim()).Distinct(StringComparer.Ordinal)];

    /// <summary>Trimmed, its line breaks as line feeds.</summary>
    public static string Title(string title) => PlainText.WithLineFeeds(title.Trim());

    /// <summary>Its line breaks as line feeds, and without control characters.</summary>
    public static string? Description(string? description) => description is null ? null : PlainText.Clean(description);

    /// <summary>A rule as it is stored; null for one that says nothing.</summary>
    public static string? Recurrence(string? rule) => rule is null || RecurrenceRule.Parse(rule) is not { IsNone: false } known ? null : known.Text;
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
