using System.Globalization;
using Microsoft.Extensions.Options;
using Npgsql;
using TodoFlow.Domain.Tasks;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Persistence.Rows;

namespace TodoFlow.Infrastructure.Tasks;

/// <summary>A task in the trash.</summary>
/// <param name="Task">The task as it was deleted.</param>
/// <param name="DeletedAt">When it was deleted, UTC.</param>
/// <param name="PurgeAt">When it is deleted for good, UTC; within an hour from then.</param>
public sealed record TrashedTaskResponse(TaskResponse Task, DateTimeOffset DeletedAt, DateTimeOffset PurgeAt);

/// <summary>Lists a user's trash.</summary>
public sealed class TrashList(NpgsqlDataSource database, IOptions<TrashSettings> settings)
{
    private const int Frame = 100; // the names and the instants

    /// <summary>Whether a cursor is one of this list.</summary>
    public static bool Knows(TaskCursor cursor) => cursor is { Sort: TaskSort.UpdatedAt, Order: SortOrder.Desc, Key: not null };

    /// <summary>One page, what was deleted last first, and the cursor of the next one; null behind the last page. It ends early where the budget does.</summary>
    public async Task<(List<TrashedTaskResponse> Tasks, TaskCursor? Next)> Page(Guid userId, int limit, TaskCursor? after, PageBudget budget, CancellationToken ct)
    {
        await using var command = database.CreateCommand();
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = userId });
        if (after is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = new(long.Parse(after.Key!, CultureInfo.InvariantCulture), DateTimeKind.Utc) });
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after.Id });
        }

        var page = $"select task, trashed_at from trashed_task where user_id = $1{(after is null ? "" : " and (trashed_at, id) < ($2, $3)")} " +
            $"order by trashed_at desc, id desc {PageLimit.Sql(limit + 1)}";
        command.CommandText = $"select {TaskResponseRows.Columns}, trashed_at from {TrashRows.Tasks(page)} order by trashed_at desc, id desc";
        await using var rows = await command.ExecuteReaderAsync(ct);
        var tasks = new List<TrashedTaskResponse>();
        while (await rows.ReadAsync(ct))
        {
            if (tasks.Count == limit)
            {
                return (tasks, Behind(tasks[^1]));
            }

            var deletedAt = rows.GetFieldValue<DateTimeOffset>(TaskResponseRows.ColumnCount);
            var task = TaskResponseRows.Read(rows);
            if (!budget.Add(Frame + TaskResponseRows.JsonSizeOf(task)))
            {
                return (tasks, Behind(tasks[^1]));
            }

            tasks.Add(new(task, deletedAt, deletedAt + settings.Value.Keep));
        }

        return (tasks, null);
    }

    private static TaskCursor Behind(TrashedTaskResponse last) =>
        new(TaskSort.UpdatedAt, SortOrder.Desc, last.DeletedAt.UtcTicks.ToString(CultureInfo.InvariantCulture), last.Task.Id);
}
