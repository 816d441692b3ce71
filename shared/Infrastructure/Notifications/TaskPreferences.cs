using Npgsql;
using NpgsqlTypes;
using TodoFlow.Domain.Notifications;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Persistence;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>What a user's preferences say about new tasks.</summary>
/// <param name="UserId">The user.</param>
/// <param name="ReminderOffset">The offset of tasks with a due date that name none; null for no reminder.</param>
/// <param name="AllDayReminderTime">The wall time that the reminders of all-day tasks count from.</param>
public sealed record TaskPreference(Guid UserId, string? ReminderOffset, TimeOnly AllDayReminderTime) : IAssumption
{
    /// <inheritdoc/>
    public NpgsqlBatchCommand Check()
    {
        var isDefault = ReminderOffset is null && AllDayReminderTime == NotificationPreference.DefaultAllDayReminderTime;
        return new NpgsqlBatchCommand(
            """
            select raise_overtaken() where not coalesce((
                select default_reminder_offset is not distinct from $2 and all_day_reminder_time = $3 from notification_preference where user_id = $1), $4)
            """)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = UserId },
                new NpgsqlParameter<string?> { TypedValue = ReminderOffset, NpgsqlDbType = NpgsqlDbType.Text },
                new NpgsqlParameter<TimeOnly> { TypedValue = AllDayReminderTime },
                new NpgsqlParameter<bool> { TypedValue = isDefault }, // of a user who never said anything
            },
        };
    }
}

/// <summary>What users' preferences said about new tasks when this process last read them: to be assumed, never relied upon.</summary>
public sealed class RememberedTaskPreferences
{
    private readonly Remembered<Guid, TaskPreference> _users = new(10_000);

    internal TaskPreference? Find(Guid user) => _users.TryGet(user, out var preference) ? preference : null;

    internal void Set(TaskPreference preference) => _users.Set(preference.UserId, preference);
}

/// <summary>
/// Lets new tasks heed their user's preferences without asking for them each time: what was read once is assumed, and the transaction
/// that adds the task fails where that has changed, whichever process changed it. Then they are read, and the task is made again.
/// </summary>
public sealed class TaskPreferences(TodoFlowDb db, Caller caller, RememberedTaskPreferences remembered)
{
    /// <summary>Makes and stores something of the caller's preferences.</summary>
    /// <param name="use">Uses what it is given, as an assumption of what it stores. It is called again where that does not hold.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<T> Heed<T>(Func<TaskPreference, Task<T>> use, CancellationToken ct)
    {
        // A transaction that is under way would end with the assumption.
        for (var assumed = db.Database.CurrentTransaction is null ? remembered.Find(caller.UserId) : null; ; assumed = null)
        {
            var preference = assumed ?? await Read(ct);
            try
            {
                return await use(preference);
            }
            catch (OvertakenException)
            {
                // It changed, since it was remembered or just now.
            }
        }
    }

    private async Task<TaskPreference> Read(CancellationToken ct)
    {
        var stored = await db.ReadPreference(caller.UserId, ct);
        var preference = new TaskPreference(caller.UserId, stored.DefaultReminderOffset, stored.AllDayReminderTime);
        remembered.Set(preference);
        return preference;
    }
}
