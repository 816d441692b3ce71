using Npgsql;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Memory;

namespace TodoFlow.Infrastructure.Persistence.Rows;

/// <summary>How tasks are read as clients see them, without making the task first.</summary>
internal static class TaskResponseRows
{
    /// <summary>The columns that <see cref="Read"/> reads, in its order.</summary>
    public const string Columns =
        "id, user_id, title, description, status, priority, tags, due_date, time_zone, recurrence, recurrence_basis, " +
        "parent_task_id, series_id, occurrence, reminder_offset, version, created_at, updated_at, completed_at";

    /// <summary>How many columns those are.</summary>
    public const int ColumnCount = 19;

    // The names, the punctuation, and what is of a fixed length: ids, enumerations, numbers and instants.
    private const int Frame = 680;

    /// <summary>How many bytes a task is as JSON, at most.</summary>
    public static int JsonSizeOf(TaskResponse task) => Frame + JsonSize.Of(task.Title) + JsonSize.Of(task.Description) + JsonSize.Of(task.Tags)
        + JsonSize.Of(task.DueDate) + JsonSize.Of(task.TimeZone) + JsonSize.Of(task.Recurrence) + JsonSize.Of(task.ReminderOffset);

    /// <summary>Reads a row whose first columns are <see cref="Columns"/>.</summary>
    public static TaskResponse Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        UserId = row.GetGuid(1),
        Title = row.GetString(2),
        Description = row.IsDBNull(3) ? null : row.GetString(3),
        Status = (TaskItemStatus)row.GetInt16(4),
        Priority = (TaskPriority)row.GetInt16(5),
        Tags = row.GetFieldValue<string[]>(6),
        DueDate = row.IsDBNull(7) ? null : row.GetString(7),
        TimeZone = row.GetString(8),
        Recurrence = row.IsDBNull(9) ? "none" : row.GetString(9),
        RecurrenceBasis = (RecurrenceBasis)row.GetInt16(10),
        ParentTaskId = row.IsDBNull(11) ? null : row.GetGuid(11),
        SeriesId = row.IsDBNull(12) ? null : row.GetGuid(12),
        Occurrence = row.IsDBNull(13) ? null : row.GetInt32(13),
        ReminderOffset = row.IsDBNull(14) ? null : row.GetString(14),
        Version = row.GetInt64(15),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(16),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(17),
        CompletedAt = row.IsDBNull(18) ? null : row.GetFieldValue<DateTimeOffset>(18),
    };
}
