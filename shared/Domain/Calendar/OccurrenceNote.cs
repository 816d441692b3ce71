using System.Text.Json.Serialization;
using TodoFlow.Domain.Json;

namespace TodoFlow.Domain.Calendar;

/// <summary>What was adjusted about an occurrence, so that it is not where its rule alone would put it.</summary>
[JsonConverter(typeof(SnakeCaseEnum<OccurrenceNote>))]
public enum OccurrenceNote
{
    /// <summary>The month is too short for the series' day: the month's last day instead (aliases only).</summary>
    Clamped,

    /// <summary>The zone's clock skips the local time: moved forward by the length of the gap.</summary>
    DstGap,

    /// <summary>The zone's clock shows the local time twice: the first of the two instants.</summary>
    DstOverlap,
}
