using Npgsql;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;

namespace TodoFlow.Tasks;

/// <content>The row of a task, for statements that lock it and read more in the same round trip.</content>
public sealed partial class TaskItem
{
    /// <summary>The columns that <see cref="Read"/> reads, in its order.</summary>
    internal const string Columns =
        "id, user_id, title, description, status, priority, tags, due_date, due_at, overdue_at, time_zone, recurrence, recurrence_basis, " +
        "parent_task_id, series_id, occurrence, recurrence_anchor, anchor_occurrence, scheduled, reminder_offset, version, created_at, " +
        "updated_at, completed_at, field_versions, create_digest";

    /// <summary>Reads a row whose first columns are <see cref="Columns"/>, as <see cref="TaskItemConfiguration"/> stores it.</summary>
    internal static TaskItem Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        UserId = row.GetGuid(1),
        Title = row.GetString(2),
        Description = row.IsDBNull(3) ? null : row.GetString(3),
        Status = (TaskItemStatus)row.GetInt16(4),
        Priority = (TaskPriority)row.GetInt16(5),
        Tags = row.GetFieldValue<string[]>(6),
        DueDate = row.IsDBNull(7) ? null : TaskItemConfiguration.ParseDueDate(row.GetString(7)),
        DueAt = row.IsDBNull(8) ? null : row.GetFieldValue<DateTimeOffset>(8),
        OverdueAt = row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9),
        TimeZone = row.GetString(10),
        Recurrence = row.IsDBNull(11) ? null : row.GetString(11),
        RecurrenceBasis = (RecurrenceBasis)row.GetInt16(12),
        ParentTaskId = row.IsDBNull(13) ? null : row.GetGuid(13),
        SeriesId = row.IsDBNull(14) ? null : row.GetGuid(14),
        Occurrence = row.IsDBNull(15) ? null : row.GetInt32(15),
        RecurrenceAnchor = row.IsDBNull(16) ? null : WallTime.Parse(row.GetString(16)),
        AnchorOccurrence = row.IsDBNull(17) ? null : row.GetInt32(17),
        Scheduled = row.IsDBNull(18) ? null : WallTime.Parse(row.GetString(18)),
        ReminderOffset = row.IsDBNull(19) ? null : row.GetString(19),
        Version = row.GetInt64(20),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(21),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(22),
        CompletedAt = row.IsDBNull(23) ? null : row.GetFieldValue<DateTimeOffset>(23),
        FieldVersions = row.GetFieldValue<Dictionary<string, long>>(24),
        CreateDigest = row.IsDBNull(25) ? null : row.GetFieldValue<byte[]>(25),
    };
}
