using TodoFlow.Domain.Calendar;

namespace TodoFlow.Domain.Recurrence;

/// <summary>One occurrence of a series.</summary>
/// <param name="Number">Its number among the occurrences that the series made, from 1; missed members have none.</param>
/// <param name="Scheduled">The member of the series that it stands for. It stays when the occurrence is moved.</param>
/// <param name="Due">When it is due: the scheduled time with its offset, unless the user moved it.</param>
/// <param name="Note">What was adjusted about <paramref name="Due"/>, if anything.</param>
public sealed record SeriesOccurrence(int Number, WallTime Scheduled, DueDate Due, OccurrenceNote? Note = null);

/// <summary>The occurrences that completing step by step would make.</summary>
/// <param name="Occurrences">The next occurrences, earliest first.</param>
/// <param name="Ended">Whether the series ended before as many as were asked for.</param>
public sealed record SeriesPreview(IReadOnlyList<SeriesOccurrence> Occurrences, bool Ended);
