using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;

namespace TodoFlow.Domain.Recurrence;

/// <summary>What the next due date of a recurring task counts from.</summary>
[JsonConverter(typeof(SnakeCaseEnum<RecurrenceBasis>))]
public enum RecurrenceBasis
{
    /// <summary>From the due date: the series keeps its rhythm.</summary>
    Due = 0,

    /// <summary>From the day on which it was completed.</summary>
    Completion = 1,
}
