using TodoFlow.Problems;
using TodoFlow.Tasks;

namespace TodoFlow.Functions.Tasks;

/// <summary>What the fields of a task that a client sends must keep, beyond their type.</summary>
internal static class TaskFields
{
    /// <summary>Trimmed and without repeats, in the order that they were sent.</summary>
    public static string[] Distinct(string[] tags) => [.. tags.Select(tag => tag.Trim()).Distinct(StringComparer.Ordinal)];

    /// <summary>A rule that says nothing is none.</summary>
    public static string? Recurrence(string? rule) => rule is null or "none" ? null : rule;

    /// <summary>What is wrong with a zone.</summary>
    public static IEnumerable<FieldError> CheckTimeZone(string? id) =>
        id is null || ZoneIds.TryFind(id, out _) ? [] : [new("time_zone", "must be an IANA time zone such as Europe/Berlin")];
}
