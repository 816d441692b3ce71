using System.Text.Json.Serialization;
using TodoFlow.Domain.Calendar;

namespace TodoFlow.Domain.Recurrence;

/// <summary>What completing a recurring task step by step would make.</summary>
/// <param name="Occurrences">The next occurrences, earliest first.</param>
/// <param name="Ended">Whether the series ends before as many as were asked for.</param>
public sealed record RecurrencePreview(IReadOnlyList<PreviewedOccurrence> Occurrences, bool Ended);

/// <summary>One occurrence that would be made.</summary>
public sealed record PreviewedOccurrence
{
    /// <summary>When it is due: an instant with its offset, or a date.</summary>
    public required string DueDate { get; init; }

    /// <summary>What was adjusted; absent where nothing was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OccurrenceNote? Note { get; init; }
}
