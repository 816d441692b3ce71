using System.Buffers.Binary;
using Npgsql;
using NpgsqlTypes;
using TodoFlow.Domain.Notifications;
using TodoFlow.Infrastructure.Accounts;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Persistence.Rows;

namespace TodoFlow.Infrastructure.Notifications;

/// <summary>What users' preferences said about new tasks when this process last read them: to be checked when a task is stored.</summary>
public sealed class RememberedTaskPreferences
{
    private readonly Remembered<Guid, TaskPreference> _users = new(10_000);

    internal TaskPreference? Find(Guid user) => _users.TryGet(user, out var preference) ? preference : null;

    internal void Set(Guid user, TaskPreference preference) => _users.Set(user, preference);

    internal void Forget(Guid user) => _users.Remove(user);
}

/// <summary>
/// Gives new tasks their user's preferences without a round trip for each: what was read once is remembered, and the task is stored only
/// where that still holds, whichever process changed it. Else it is read again, and the task is made again.
/// </summary>
/// <remarks>
/// A change of preferences moves the reminders that it sees. So it and whoever stores a task wait for each other
/// (<see cref="Shared"/>, <see cref="Exclusive"/>): the task is stored before and its reminder moved, or it is made of the new preferences.
/// Both take this lock before any row.
/// </remarks>
public sealed class TaskPreferences(UnitOfWork work, Caller caller, RememberedTaskPreferences remembered)
{
    /// <summary>What applies to a task that the caller is about to add. The unit of work stores nothing where that has changed.</summary>
    public async Task<TaskPreference> Get(CancellationToken ct)
    {
        if (work.InTransaction)
        {
            await using var batch = work.CreateBatch();
            batch.BatchCommands.Add(Shared(caller.UserId));
            return await Read(batch, ct);
        }

        if (remembered.Find(caller.UserId) is not { } preference)
        {
            await using var batch = work.CreateBatch();
            preference = await Read(batch, ct);
            remembered.Set(caller.UserId, preference);
        }

        work.OnlyIf(new Unchanged(caller.UserId, preference, remembered));
        return preference;
    }

    /// <summary>Lets nobody change a user's preferences until the transaction ends.</summary>
    internal static NpgsqlBatchCommand Shared(Guid user) => Lock("pg_advisory_xact_lock_shared", user);

    /// <summary>Lets nobody add a task that depends on a user's preferences until the transaction ends.</summary>
    internal static NpgsqlBatchCommand Exclusive(Guid user) => Lock("pg_advisory_xact_lock", user);

    // By the random part of the id; should two users share it, one waits for the other in vain.
    private static NpgsqlBatchCommand Lock(string function, Guid user) => new($"select {function}($1)")
    {
        Parameters = { new NpgsqlParameter<long> { TypedValue = BinaryPrimitives.ReadInt64BigEndian(user.ToByteArray(bigEndian: true).AsSpan(8)) } },
    };

    private async Task<TaskPreference> Read(NpgsqlBatch batch, CancellationToken ct)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select default_reminder_offset, all_day_reminder_time from notification_preference where user_id = $1")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = caller.UserId } },
        });
        await using var rows = await batch.ExecuteReaderAsync(ct);
        while (rows.FieldCount != 2)
        {
            await rows.NextResultAsync(ct); // the lock's
        }

        return await rows.ReadAsync(ct)
            ? new TaskPreference(rows.IsDBNull(0) ? null : rows.GetString(0), rows.GetFieldValue<TimeOnly>(1))
            : TaskPreference.Default;
    }

    private sealed class Unchanged(Guid user, TaskPreference preference, RememberedTaskPreferences remembered) : IWriteCondition
    {
        public NpgsqlBatchCommand Lock() => Shared(user);

        public string AddTo(NpgsqlParameterCollection parameters)
        {
            parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
            parameters.Add(Columns.Value(preference.ReminderOffset, NpgsqlDbType.Text));
            parameters.Add(new NpgsqlParameter<TimeOnly> { TypedValue = preference.AllDayReminderTime });
            parameters.Add(new NpgsqlParameter<bool> { TypedValue = preference == TaskPreference.Default }); // of a user who never said anything
            return "coalesce((select default_reminder_offset is not distinct from $2 and all_day_reminder_time = $3 "
                + "from notification_preference where user_id = $1), $4)";
        }

        public void Failed() => remembered.Forget(user);
    }
}
