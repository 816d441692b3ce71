using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using TodoFlow.Domain.Calendar;
using TodoFlow.Domain.Recurrence;
using TodoFlow.Domain.Tasks;
using static TodoFlow.Infrastructure.Persistence.Rows.Columns;

namespace TodoFlow.Infrastructure.Persistence.Rows;

/// <summary>How tasks are read and written where a request or a consumer waits for it.</summary>
internal static class TaskItemRows
{
    /// <summary>The primary key.</summary>
    public const string PrimaryKey = "pk_task_item";

    /// <summary>The unique index that keeps a series to one open occurrence.</summary>
    public const string OpenOccurrence = "ix_task_item_open_occurrence";

    /// <summary>The columns that <see cref="Read"/> reads, in its order.</summary>
    public const string Columns =
        "id, user_id, title, description, status, priority, tags, due_date, due_at, overdue_at, time_zone, recurrence, recurrence_basis, " +
        "parent_task_id, series_id, occurrence, recurrence_anchor, anchor_occurrence, scheduled, reminder_offset, version, created_at, " +
        "updated_at, completed_at, field_versions, create_digest";

    /// <summary>How new tasks are added.</summary>
    public static RowInsert<TaskItem> Insert { get; } = new(
        "task_item",
        InsertColumn<TaskItem>.Of("id", NpgsqlDbType.Uuid, task => task.Id),
        InsertColumn<TaskItem>.Of("user_id", NpgsqlDbType.Uuid, task => task.UserId),
        InsertColumn<TaskItem>.Of("title", NpgsqlDbType.Text, task => task.Title),
        InsertColumn<TaskItem>.Of("description", NpgsqlDbType.Text, task => task.Description),
        InsertColumn<TaskItem>.Of("status", NpgsqlDbType.Smallint, task => (short)task.Status),
        InsertColumn<TaskItem>.Of("priority", NpgsqlDbType.Smallint, task => (short)task.Priority),
        InsertColumn<TaskItem>.OfTexts("tags", task => task.Tags),
        InsertColumn<TaskItem>.Of("due_date", NpgsqlDbType.Text, task => task.DueDate?.Text),
        InsertColumn<TaskItem>.Of("due_at", NpgsqlDbType.TimestampTz, task => task.DueAt),
        InsertColumn<TaskItem>.Of("overdue_at", NpgsqlDbType.TimestampTz, task => task.OverdueAt),
        InsertColumn<TaskItem>.Of("time_zone", NpgsqlDbType.Text, task => task.TimeZone),
        InsertColumn<TaskItem>.Of("recurrence", NpgsqlDbType.Text, task => task.Recurrence),
        InsertColumn<TaskItem>.Of("recurrence_basis", NpgsqlDbType.Smallint, task => (short)task.RecurrenceBasis),
        InsertColumn<TaskItem>.Of("parent_task_id", NpgsqlDbType.Uuid, task => task.ParentTaskId),
        InsertColumn<TaskItem>.Of("series_id", NpgsqlDbType.Uuid, task => task.SeriesId),
        InsertColumn<TaskItem>.Of("occurrence", NpgsqlDbType.Integer, task => task.Occurrence),
        InsertColumn<TaskItem>.Of("recurrence_anchor", NpgsqlDbType.Text, task => task.RecurrenceAnchor?.ToString()),
        InsertColumn<TaskItem>.Of("anchor_occurrence", NpgsqlDbType.Integer, task => task.AnchorOccurrence),
        InsertColumn<TaskItem>.Of("scheduled", NpgsqlDbType.Text, task => task.Scheduled?.ToString()),
        InsertColumn<TaskItem>.Of("reminder_offset", NpgsqlDbType.Text, task => task.ReminderOffset),
        InsertColumn<TaskItem>.Of("version", NpgsqlDbType.Bigint, task => task.Version),
        InsertColumn<TaskItem>.Of("created_at", NpgsqlDbType.TimestampTz, task => task.CreatedAt),
        InsertColumn<TaskItem>.Of("updated_at", NpgsqlDbType.TimestampTz, task => task.UpdatedAt),
        InsertColumn<TaskItem>.Of("completed_at", NpgsqlDbType.TimestampTz, task => task.CompletedAt),
        InsertColumn<TaskItem>.Of("field_versions", NpgsqlDbType.Jsonb, FieldVersions),
        InsertColumn<TaskItem>.Of("create_digest", NpgsqlDbType.Bytea, task => task.CreateDigest));

    /// <summary>Reads a row whose first columns are <see cref="Columns"/>.</summary>
    public static TaskItem Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        UserId = row.GetGuid(1),
        Title = row.GetString(2),
        Description = row.IsDBNull(3) ? null : row.GetString(3),
        Status = (TaskItemStatus)row.GetInt16(4),
        Priority = (TaskPriority)row.GetInt16(5),
        Tags = row.GetFieldValue<string[]>(6),
        DueDate = row.IsDBNull(7) ? null : DueDate.Parse(row.GetString(7)),
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
        FieldVersions = JsonSerializer.Deserialize<Dictionary<string, long>>(row.GetString(24))!,
        CreateDigest = row.IsDBNull(25) ? null : row.GetFieldValue<byte[]>(25),
    };

    /// <summary>Changes a task whose row is locked.</summary>
    /// <param name="task">The task.</param>
    /// <param name="words">Whether its title, description or tags changed, which its search vector and its tags' rows are made of.</param>
    public static NpgsqlBatchCommand Update(TaskItem task, bool words)
    {
        var command = new NpgsqlBatchCommand(
            $"""
            update task_item set status = $2, priority = $3, due_date = $4, due_at = $5, overdue_at = $6, time_zone = $7, recurrence = $8,
                recurrence_basis = $9, series_id = $10, occurrence = $11, recurrence_anchor = $12, anchor_occurrence = $13, scheduled = $14,
                reminder_offset = $15, version = $16, updated_at = $17, completed_at = $18, field_versions = $19{(words ? ", title = $20, description = $21, tags = $22" : "")}
            where id = $1
            """)
        {
            Parameters =
            {
                Value(task.Id, NpgsqlDbType.Uuid),
                Value((short)task.Status, NpgsqlDbType.Smallint),
                Value((short)task.Priority, NpgsqlDbType.Smallint),
                Value(task.DueDate?.Text, NpgsqlDbType.Text),
                Value(task.DueAt, NpgsqlDbType.TimestampTz),
                Value(task.OverdueAt, NpgsqlDbType.TimestampTz),
                Value(task.TimeZone, NpgsqlDbType.Text),
                Value(task.Recurrence, NpgsqlDbType.Text),
                Value((short)task.RecurrenceBasis, NpgsqlDbType.Smallint),
                Value(task.SeriesId, NpgsqlDbType.Uuid),
                Value(task.Occurrence, NpgsqlDbType.Integer),
                Value(task.RecurrenceAnchor?.ToString(), NpgsqlDbType.Text),
                Value(task.AnchorOccurrence, NpgsqlDbType.Integer),
                Value(task.Scheduled?.ToString(), NpgsqlDbType.Text),
                Value(task.ReminderOffset, NpgsqlDbType.Text),
                Value(task.Version, NpgsqlDbType.Bigint),
                Value(task.UpdatedAt, NpgsqlDbType.TimestampTz),
                Value(task.CompletedAt, NpgsqlDbType.TimestampTz),
                Value(FieldVersions(task), NpgsqlDbType.Jsonb),
            },
        };
        if (words)
        {
            command.Parameters.Add(Value(task.Title, NpgsqlDbType.Text));
            command.Parameters.Add(Value(task.Description, NpgsqlDbType.Text));
            command.Parameters.Add(Value(task.Tags, NpgsqlDbType.Array | NpgsqlDbType.Text));
        }

        return command;
    }

    /// <summary>Removes tasks.</summary>
    public static NpgsqlBatchCommand Delete(IEnumerable<Guid> ids) => new("delete from task_item where id = any($1)")
    {
        Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = [.. ids] } },
    };

    private static string FieldVersions(TaskItem task) => task.FieldVersions.Count == 0 ? "{}" : JsonSerializer.Serialize(task.FieldVersions);
}
