using Npgsql;
using NpgsqlTypes;
using TodoFlow.Domain.Reminders;
using static TodoFlow.Infrastructure.Persistence.Rows.Columns;

namespace TodoFlow.Infrastructure.Persistence.Rows;

/// <summary>How reminders are read and written.</summary>
internal static class ReminderRows
{
    /// <summary>The columns that <see cref="Read"/> reads, in its order.</summary>
    public const string Columns =
        "id, task_id, user_id, remind_at, reminder_offset, of_task, snoozed, status, due_at, fired_at, due_event_id, late, " +
        "retry_count, sent_at, reason, created_at, updated_at, trace_parent";

    /// <summary>How new reminders are added. They wait.</summary>
    public static RowInsert<Reminder> Insert { get; } = new(
        "reminder",
        InsertColumn<Reminder>.Of("id", NpgsqlDbType.Uuid, reminder => reminder.Id),
        InsertColumn<Reminder>.Of("task_id", NpgsqlDbType.Uuid, reminder => reminder.TaskId),
        InsertColumn<Reminder>.Of("user_id", NpgsqlDbType.Uuid, reminder => reminder.UserId),
        InsertColumn<Reminder>.Of("remind_at", NpgsqlDbType.TimestampTz, reminder => reminder.RemindAt),
        InsertColumn<Reminder>.Of("reminder_offset", NpgsqlDbType.Text, reminder => reminder.ReminderOffset),
        InsertColumn<Reminder>.Of("of_task", NpgsqlDbType.Boolean, reminder => reminder.OfTask),
        InsertColumn<Reminder>.Of("snoozed", NpgsqlDbType.Boolean, reminder => reminder.Snoozed),
        InsertColumn<Reminder>.Of("status", NpgsqlDbType.Smallint, reminder => (short)reminder.Status),
        InsertColumn<Reminder>.Of("due_at", NpgsqlDbType.TimestampTz, reminder => reminder.DueAt),
        InsertColumn<Reminder>.Of("fired_at", NpgsqlDbType.TimestampTz, reminder => reminder.FiredAt),
        InsertColumn<Reminder>.Of("due_event_id", NpgsqlDbType.Uuid, reminder => reminder.DueEventId),
        InsertColumn<Reminder>.Of("late", NpgsqlDbType.Boolean, reminder => reminder.Late),
        InsertColumn<Reminder>.Of("retry_count", NpgsqlDbType.Integer, reminder => reminder.RetryCount),
        InsertColumn<Reminder>.Of("sent_at", NpgsqlDbType.TimestampTz, reminder => reminder.SentAt),
        InsertColumn<Reminder>.Of("reason", NpgsqlDbType.Text, reminder => reminder.Reason),
        InsertColumn<Reminder>.Of("created_at", NpgsqlDbType.TimestampTz, reminder => reminder.CreatedAt),
        InsertColumn<Reminder>.Of("updated_at", NpgsqlDbType.TimestampTz, reminder => reminder.UpdatedAt),
        InsertColumn<Reminder>.Of("trace_parent", NpgsqlDbType.Text, reminder => reminder.TraceParent));

    /// <summary>How steps of reminders are added.</summary>
    public static RowInsert<ReminderStep> InsertSteps { get; } = new(
        "reminder_step",
        InsertColumn<ReminderStep>.Of("id", NpgsqlDbType.Uuid, step => step.Id),
        InsertColumn<ReminderStep>.Of("reminder_id", NpgsqlDbType.Uuid, step => step.ReminderId),
        InsertColumn<ReminderStep>.Of("step", NpgsqlDbType.Text, step => step.Step),
        InsertColumn<ReminderStep>.Of("occurred_at", NpgsqlDbType.TimestampTz, step => step.OccurredAt),
        InsertColumn<ReminderStep>.Of("remind_at", NpgsqlDbType.TimestampTz, step => step.RemindAt),
        InsertColumn<ReminderStep>.Of("detail", NpgsqlDbType.Text, step => step.Detail));

    /// <summary>Reads a row whose first columns are <see cref="Columns"/>.</summary>
    public static Reminder Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        TaskId = row.GetGuid(1),
        UserId = row.GetGuid(2),
        RemindAt = row.GetFieldValue<DateTimeOffset>(3),
        ReminderOffset = row.IsDBNull(4) ? null : row.GetString(4),
        OfTask = row.GetBoolean(5),
        Snoozed = row.GetBoolean(6),
        Status = (ReminderStatus)row.GetInt16(7),
        DueAt = row.IsDBNull(8) ? null : row.GetFieldValue<DateTimeOffset>(8),
        FiredAt = row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9),
        DueEventId = row.IsDBNull(10) ? null : row.GetGuid(10),
        Late = row.GetBoolean(11),
        RetryCount = row.GetInt32(12),
        SentAt = row.IsDBNull(13) ? null : row.GetFieldValue<DateTimeOffset>(13),
        Reason = row.IsDBNull(14) ? null : row.GetString(14),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(15),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(16),
        TraceParent = row.IsDBNull(17) ? null : row.GetString(17),
    };

    /// <summary>Reads the rows of a result whose first columns are <see cref="Columns"/>.</summary>
    public static async Task<List<Reminder>> ReadAll(NpgsqlDataReader rows, CancellationToken ct)
    {
        var reminders = new List<Reminder>();
        while (await rows.ReadAsync(ct))
        {
            reminders.Add(Read(rows));
        }

        return reminders;
    }

    /// <summary>Changes reminders whose rows are locked.</summary>
    public static NpgsqlBatchCommand Update(IReadOnlyCollection<Reminder> reminders) => new(
        """
        update reminder set remind_at = changed.remind_at, reminder_offset = changed.reminder_offset, snoozed = changed.snoozed,
            status = changed.status, due_at = changed.due_at, fired_at = changed.fired_at, due_event_id = changed.due_event_id,
            late = changed.late, retry_count = changed.retry_count, sent_at = changed.sent_at, reason = changed.reason,
            updated_at = changed.updated_at, trace_parent = changed.trace_parent
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) as changed (id, remind_at, reminder_offset, snoozed, status,
            due_at, fired_at, due_event_id, late, retry_count, sent_at, reason, updated_at, trace_parent)
        where reminder.id = changed.id
        """)
    {
        Parameters =
        {
            Column(reminders, reminder => reminder.Id, NpgsqlDbType.Uuid),
            Column(reminders, reminder => reminder.RemindAt, NpgsqlDbType.TimestampTz),
            Column(reminders, reminder => reminder.ReminderOffset, NpgsqlDbType.Text),
            Column(reminders, reminder => reminder.Snoozed, NpgsqlDbType.Boolean),
            Column(reminders, reminder => (short)reminder.Status, NpgsqlDbType.Smallint),
            Column(reminders, reminder => reminder.DueAt, NpgsqlDbType.TimestampTz),
            Column(reminders, reminder => reminder.FiredAt, NpgsqlDbType.TimestampTz),
            Column(reminders, reminder => reminder.DueEventId, NpgsqlDbType.Uuid),
            Column(reminders, reminder => reminder.Late, NpgsqlDbType.Boolean),
            Column(reminders, reminder => reminder.RetryCount, NpgsqlDbType.Integer),
            Column(reminders, reminder => reminder.SentAt, NpgsqlDbType.TimestampTz),
            Column(reminders, reminder => reminder.Reason, NpgsqlDbType.Text),
            Column(reminders, reminder => reminder.UpdatedAt, NpgsqlDbType.TimestampTz),
            Column(reminders, reminder => reminder.TraceParent, NpgsqlDbType.Text),
        },
    };
}
