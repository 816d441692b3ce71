using System.Globalization;
using Npgsql;
using TodoFlow.Domain.Reminders;
using TodoFlow.Infrastructure.Memory;
using TodoFlow.Infrastructure.Persistence;
using TodoFlow.Infrastructure.Persistence.Rows;

namespace TodoFlow.Infrastructure.Reminders;

/// <summary>Which of a user's reminders are wanted.</summary>
/// <param name="TaskId">Those of one task; null for all.</param>
/// <param name="Status">Those of one status; null for all.</param>
/// <param name="Order">By their instant: ascending is the soonest first.</param>
/// <param name="Limit">How many at most.</param>
/// <param name="Offset">How many to skip.</param>
public sealed record ReminderFilter(Guid? TaskId, ReminderStatus? Status, SortOrder Order, int Limit, int Offset);

/// <summary>Lists a user's reminders.</summary>
public sealed class ReminderList(NpgsqlDataSource database)
{
    // Nothing of a reminder is longer than an offset of 50 characters.
    private const int LongestJson = 900;

    /// <summary>One page, by instant and then by id; and whether there is more. It ends early where it would be too long.</summary>
    public async Task<(List<ReminderResponse> Reminders, bool More)> Page(Guid userId, ReminderFilter filter, PageBudget budget, CancellationToken ct)
    {
        await using var command = database.CreateCommand();
        string Parameter<T>(T value)
        {
            command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
            return $"${command.Parameters.Count}";
        }

        var conditions = $"user_id = {Parameter(userId)}"
            + (filter.TaskId is { } task ? $" and task_id = {Parameter(task)}" : "")
            + (filter.Status is { } status ? $" and status = {Parameter((short)status)}" : "");
        var order = filter.Order == SortOrder.Asc ? "order by remind_at asc, id asc" : "order by remind_at desc, id desc";

        // There is an index for each status: a page of each is read, and merged.
        var source = filter is { TaskId: null, Status: null }
            ? $"({string.Join(" union all ", Enum.GetValues<ReminderStatus>().Select(OfStatus))}) as reminder"
            : $"reminder where {conditions}";
        command.CommandText = $"select {ReminderRows.Columns} from {source} {order} {PageLimit.Sql(filter.Limit + 1, filter.Offset)}";
        await using var rows = await command.ExecuteReaderAsync(ct);
        var page = new List<ReminderResponse>();
        while (await rows.ReadAsync(ct))
        {
            if (page.Count == filter.Limit || !budget.Add(LongestJson))
            {
                return (page, true);
            }

            page.Add(ReminderResponse.From(ReminderRows.Read(rows)));
        }

        return (page, false);

        string OfStatus(ReminderStatus status) => string.Create(
            CultureInfo.InvariantCulture, $"(select * from reminder where {conditions} and status = {(short)status} {order} {PageLimit.Sql(filter.Limit + 1 + filter.Offset)})");
    }
}
