using Npgsql;

namespace TodoFlow.Tests.Support;

/// <summary>Reminders by the thousand, each of a task of its own, written past the API.</summary>
public static class ReminderSeed
{
    /// <summary>Adds open tasks with a reminder each, at instants that are spread evenly.</summary>
    /// <param name="database">The database.</param>
    /// <param name="user">Their owner.</param>
    /// <param name="count">How many.</param>
    /// <param name="first">The first instant.</param>
    /// <param name="span">How long after it the last one is; nothing where all are at once.</param>
    public static async Task Add(NpgsqlDataSource database, Guid user, int count, DateTimeOffset first, TimeSpan span)
    {
        await using var command = database.CreateCommand(
            """
            with task as (
                insert into task_item (id, user_id, title, description, status, priority, tags, time_zone, recurrence_basis, version, created_at, updated_at, field_versions)
                select gen_random_uuid(), $1, 'Call number ' || number, 'About what was agreed the other day, and what was not.', 0, 1, '{calls}', 'UTC', 0, 1, now(), now(), '{}'
                from generate_series(1, $2) as number
                returning id
            ), numbered as (
                select id, row_number() over () as number from task
            )
            insert into reminder (id, task_id, user_id, remind_at, of_task, snoozed, status, due_at, late, retry_count, created_at, updated_at)
            select gen_random_uuid(), id, $1, at, false, false, 0, at, false, 0, now(), now()
            from numbered, lateral (select $3 + $4 * (number - 1) / $2 as at) as planned
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = first.ToUniversalTime() });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = span });
        await command.ExecuteNonQueryAsync();
    }
}
