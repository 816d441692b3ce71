using Npgsql;
using NpgsqlTypes;
using TodoFlow.Domain.Tasks;
using static TodoFlow.Infrastructure.Persistence.Rows.Columns;

namespace TodoFlow.Infrastructure.Persistence.Rows;

/// <summary>How tasks go to the trash and are read there: each is kept as the JSON of its row, whatever columns that has.</summary>
internal static class TrashRows
{
    /// <summary>The columns of <see cref="TaskItemRows"/> of tasks in the trash.</summary>
    /// <param name="trash">A query of the trash whose columns are <c>task</c> and, where they are wanted, <c>trashed_at</c>.</param>
    public static string Tasks(string trash) => $"({trash}) as trash cross join lateral jsonb_populate_record(null::task_item, trash.task) as task_item";

    /// <summary>Moves a task whose row is locked. It takes the place of one that had the same id, and was deleted before.</summary>
    /// <param name="task">The task, after its <see cref="TaskItem.Delete"/>.</param>
    public static NpgsqlBatchCommand Move(TaskItem task) => new(
        """
        with removed as (delete from task_item where id = $1 returning user_id, to_jsonb(task_item) - 'search_vector' as task)
        insert into trashed_task (user_id, id, trashed_at, task)
        select user_id, $1, $3, task || jsonb_build_object('version', $2, 'updated_at', $3) from removed
        on conflict (user_id, id) do update set trashed_at = excluded.trashed_at, task = excluded.task
        """)
    {
        Parameters =
        {
            Value(task.Id, NpgsqlDbType.Uuid),
            Value(task.Version, NpgsqlDbType.Bigint),
            Value(task.UpdatedAt, NpgsqlDbType.TimestampTz),
        },
    };

    /// <summary>Takes tasks of a user out of the trash.</summary>
    public static NpgsqlBatchCommand Delete(Guid user, IEnumerable<Guid> ids) => new("delete from trashed_task where user_id = $1 and id = any($2)")
    {
        Parameters = { new NpgsqlParameter<Guid> { TypedValue = user }, new NpgsqlParameter<Guid[]> { TypedValue = [.. ids] } },
    };
}
